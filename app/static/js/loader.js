// Loads the vendored libraries from the CDN, or from this server when the CDN does not answer.
//
// Each library is one <link rel="heed-script" href="local copy" data-cdn="…" data-integrity="sha384-…">, in order.
//
// A library is first *preloaded*: unlike a script element, a preload that comes too late can be dropped without ever
// running, so no library can start twice. After the time limit the CDN is left alone for a day.
(function () {
  "use strict";
  const LIMIT_MS = 1500;
  const REST_MS = 24 * 60 * 60 * 1000;
  const KEY = "heed-cdn-rests-until";
  const libraries = Array.from(document.querySelectorAll('link[rel="heed-script"]'));

  function resting() {
    try { return Number(localStorage.getItem(KEY)) > Date.now(); } catch { return false; }
  }
  function rest() {
    try { localStorage.setItem(KEY, String(Date.now() + REST_MS)); } catch { /* private mode: ask again next time */ }
  }

  function preload(library) {
    return new Promise((resolve, reject) => {
      const link = document.createElement("link");
      link.rel = "preload";
      link.as = "script";
      link.crossOrigin = "anonymous";
      link.integrity = library.dataset.integrity;
      link.href = library.dataset.cdn;
      link.onload = () => resolve();
      link.onerror = () => { link.remove(); reject(new Error(link.href)); };
      setTimeout(() => { link.remove(); reject(new Error("late: " + link.href)); }, LIMIT_MS);
      document.head.append(link);
    });
  }

  function run(url, integrity) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.async = false;
      if (integrity) {
        script.integrity = integrity;
        script.crossOrigin = "anonymous";
      }
      script.src = url;
      script.onload = () => resolve();
      script.onerror = () => reject(new Error(url));
      document.head.append(script);
    });
  }

  // htmx listens for DOMContentLoaded unless the page is complete: in between it would never start.
  const complete = new Promise((resolve) => {
    if (document.readyState === "complete") resolve();
    else window.addEventListener("load", () => resolve(), { once: true });
  });

  async function loadAll() {
    let fromCdn = !resting();
    if (fromCdn) {
      try { await Promise.all(libraries.map(preload)); } catch { fromCdn = false; rest(); }
    }
    await complete;
    for (const library of libraries) {
      try {
        if (!fromCdn) throw new Error("local");
        await run(library.dataset.cdn, library.dataset.integrity);
      } catch {
        await run(library.href);
      }
    }
    document.dispatchEvent(new CustomEvent("heed:ready"));
  }
  loadAll();
})();
