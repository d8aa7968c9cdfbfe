// Sends a page once, keeps it when the connection is lost, and tries again. Without it the form works as it is.
(() => {
  const form = document.querySelector("form[data-save]");
  if (!form || !window.fetch) return;
  const button = document.querySelector("footer button[form='" + form.id + "']");
  const notice = document.getElementById("offline");
  let waiting = false, timer = 0;
  const send = () => {
    clearTimeout(timer);
    fetch(form.getAttribute("action") || location.href, {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: {"X-Heed-Save": "1"},
    }).then((answer) => {
      const next = answer.headers.get("X-Heed-Next");
      if (next) location.assign(next);
      else if (answer.status === 503) again();
      else form.submit();
    }, again);
  };
  const again = () => {
    notice.hidden = false;
    timer = setTimeout(send, 4000);
  };
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.hasAttribute("formaction")) return; // the language switch
    event.preventDefault();
    if (waiting) return;
    waiting = true;
    button.setAttribute("aria-disabled", "true");
    send();
  });
  addEventListener("online", () => waiting && send());
  addEventListener("pageshow", () => {
    waiting = false;
    clearTimeout(timer);
    notice.hidden = true;
    button.removeAttribute("aria-disabled");
  });
})();
