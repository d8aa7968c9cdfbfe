// Comforts of the questionnaire builder. Each of them can be missing: every step is a form as well.
(function () {
  "use strict";

  const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
  function freshId() {
    const bytes = crypto.getRandomValues(new Uint8Array(6));
    return "n" + Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
  }

  // ---- autosave: htmx sends the form; this flag hides the Save button and remembers what is not sent yet ----
  let unsent = false;
  function mark() {
    for (const form of document.querySelectorAll("form[data-autosave]")) form.classList.toggle("autosaves", Boolean(window.htmx));
  }
  document.addEventListener("input", (event) => {
    if (event.target.closest?.("form[data-autosave]") && !event.target.closest("[data-no-autosave]")) unsent = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.matches?.("form[data-autosave]") && event.detail.successful) unsent = false;
  });
  // What belongs to a button of its own (lines to add) is no change yet.
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.closest?.("[data-no-autosave]")) event.stopPropagation();
    }, true);
  }
  window.addEventListener("pagehide", () => {
    const form = document.querySelector("form[data-autosave]");
    if (!unsent || !form) return;
    fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true, credentials: "same-origin" });
  });

  // ---- options and rows: Enter adds one, pasting lines adds several, dragging reorders ----
  function changed(list) {
    list.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function addPart(list, after) {
    const template = list.parentElement.querySelector("template");
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__id__", freshId());
    const part = holder.content.firstElementChild;
    list.insertBefore(part, after ? after.nextElementSibling : null);
    window.htmx?.process(part);
    return part;
  }
  document.addEventListener("keydown", (event) => {
    const input = event.target.closest?.("[data-part-text]");
    const part = input?.closest("[data-part]");
    if (event.key !== "Enter" || event.isComposing || !part) return;
    event.preventDefault();
    addPart(part.parentElement, part).querySelector("[data-part-text]").focus();
    changed(part.parentElement);
  });
  document.addEventListener("paste", (event) => {
    const input = event.target.closest?.("[data-part-text]");
    const part = input?.closest("[data-part]");
    const lines = (event.clipboardData?.getData("text") ?? "").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    if (!part || lines.length < 2) return;
    event.preventDefault();
    const language = input.lang;
    let last = part;
    lines.forEach((line, at) => {
      if (at > 0 || input.value) last = addPart(part.parentElement, last);
      last.querySelector(`[data-part-text][lang="${language}"]`).value = line;
    });
    last.querySelector(`[data-part-text][lang="${language}"]`).focus();
    changed(part.parentElement);
  });

  const sorting = new WeakSet(); // not an attribute: morphing would take it away
  function sortable() {
    if (!window.Sortable) return;
    for (const list of document.querySelectorAll("[data-list]")) {
      if (sorting.has(list)) continue;
      sorting.add(list);
      window.Sortable.create(list, { handle: ".handle", animation: 120, onEnd: () => changed(list) });
    }
    for (const list of document.querySelectorAll("ol[data-page]")) {
      if (sorting.has(list)) continue;
      sorting.add(list);
      window.Sortable.create(list, { group: "questions", handle: ".handle", animation: 120, onEnd: dropped });
    }
  }
  function dropped(event) {
    if (event.from === event.to && event.oldIndex === event.newIndex) return;
    const link = event.item.querySelector("a[data-move]");
    send(link.dataset.move, { page: event.to.dataset.page, position: event.newIndex, item: shownItem() ?? event.item.dataset.id });
  }
  function shownItem() {
    return document.querySelector('.outline li:has([aria-current])')?.dataset.id;
  }
  function send(url, values) {
    return window.htmx?.ajax("POST", url, { values, target: "#editor", swap: "outerHTML" });
  }

  // ---- keyboard: Alt+arrows move the focused question, A opens the menu, Ctrl+Z and Ctrl+Y outside of fields ----
  document.addEventListener("keydown", async (event) => {
    const link = event.target.closest?.(".outline a[data-move]");
    if (link && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown") && window.htmx) {
      event.preventDefault();
      const id = link.closest("li").dataset.id;
      await send(link.dataset.move, { direction: event.key === "ArrowUp" ? "up" : "down", item: shownItem() ?? id });
      document.querySelector(`.outline li[data-id="${CSS.escape(id)}"] a`)?.focus();
      return;
    }
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.key === "a" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const menu = document.querySelector("[data-add]");
      if (!menu) return;
      event.preventDefault();
      menu.open = true;
      menu.querySelector("button").focus();
    }
    const way = { z: "undo", y: "redo" }[event.key.toLowerCase()];
    if (way && (event.ctrlKey || event.metaKey)) {
      const form = document.querySelector(`form[data-undo="${event.shiftKey && way === "undo" ? "redo" : way}"]`);
      if (form) {
        event.preventDefault();
        form.requestSubmit();
      }
    }
  });

  // ---- preview: the chosen language stays when the frame is drawn anew ----
  let previewLanguage = null;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-preview]");
    if (!link) return;
    previewLanguage = link.dataset.preview;
    markPreview();
  });
  function markPreview() {
    const links = Array.from(document.querySelectorAll("a[data-preview]"));
    const frame = document.querySelector("[data-preview-frame]");
    const chosen = links.find((link) => link.dataset.preview === previewLanguage) ?? links.find((link) => link.hasAttribute("aria-current")) ?? links[0];
    for (const link of links) link.toggleAttribute("aria-current", link === chosen);
    chosen?.setAttribute("aria-current", "true");
    if (frame && chosen && previewLanguage && frame.getAttribute("src") !== chosen.getAttribute("href")) frame.src = chosen.href;
  }

  // ---- indicators: the sum of each group while typing ----
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-weights]");
    if (!form || !event.target.dataset.weight && event.target.dataset.weight !== "") return;
    const sums = {};
    for (const input of form.querySelectorAll("[data-weight]")) {
      sums[input.dataset.weight] = (sums[input.dataset.weight] ?? 0) + (Number(input.value.replace(",", ".")) || 0);
    }
    const wrong = Object.values(sums).filter((sum) => Math.abs(sum - 100) > 0.01);
    const note = form.querySelector("[data-sums]");
    note.hidden = wrong.length === 0;
    note.textContent = wrong.map((sum) => note.dataset.words.replace("{sum}", String(Math.round(sum * 100) / 100))).join(" · ");
  });

  function start() {
    mark();
    sortable();
    markPreview();
    document.querySelector(".outline [aria-current]")?.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("htmx:afterSettle", start);
  document.addEventListener("heed:ready", start);
  document.addEventListener("DOMContentLoaded", start);
  if (document.readyState === "complete") start();
})();
