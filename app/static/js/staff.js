// Comforts for the staff pages. Everything here can be missing: each page works without it.
(function () {
  "use strict";

  // "/" puts the cursor into the search, unless somebody is typing.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = Array.from(document.querySelectorAll('input[type="search"]')).find((box) => box.offsetParent);
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
    if (event.key === "Escape") closeMenus(null);
  });

  // A menu closes when the next one opens, on Escape (focus back on its button) and on a click elsewhere.
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu === except || (except && menu.contains(except))) continue;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  }
  document.addEventListener("click", (event) => closeMenus(event.target));

  // A second click on the way would send a form twice. The button is not *disabled*: its name and value must still be sent.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(release, 8000, form); // the answer may be a download, which leaves this page standing
  });
  function release(form) {
    delete form.dataset.sending;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));

  // The summary of errors takes the focus, on a full page and after a swap; its links go to the field itself.
  function focusSummary(root) {
    root.querySelector?.("[data-error-summary]")?.focus();
  }
  document.addEventListener("htmx:afterSettle", (event) => focusSummary(event.target));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-error-summary] a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const control = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
    (control ?? field).focus();
  });

  // Every htmx request that changes something carries the token; no inherited hx-headers needed.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector('meta[name="csrf-token"]')?.content;
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
  });

  // Filters apply when they change; without script their form has a button.
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-autosubmit]");
    if (form) form.requestSubmit();
  });

  // Many filters, and what is secondary, would fill the screen of a phone: there they begin folded, unless the
  // address points into them.
  const phone = window.matchMedia("(max-width: 600px)");
  const aimed = (fold) => fold.contains(document.getElementById(location.hash.slice(1)));
  function foldFilters(root) {
    for (const fold of root.querySelectorAll?.("details[data-fold]") ?? []) fold.open = !phone.matches || aimed(fold);
  }
  phone.addEventListener("change", () => foldFilters(document));
  document.addEventListener("htmx:afterSettle", (event) => foldFilters(event.target));
  foldFilters(document);

  // One tick box selects all rows; the bulk bar says how many.
  function countSelected(form) {
    const boxes = Array.from(form.querySelectorAll('input[type="checkbox"][data-row]'));
    const chosen = boxes.filter((box) => box.checked).length;
    for (const output of form.querySelectorAll("[data-count]")) output.textContent = String(chosen);
    const all = form.querySelector("input[data-all]");
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  }
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-bulk]");
    if (!form) return;
    if (event.target.matches("input[data-all]")) {
      for (const box of form.querySelectorAll("input[data-row]")) box.checked = event.target.checked;
    }
    countSelected(form);
  });

  // Copy: the field is selectable anyway, so a refused clipboard leaves it selected.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const status = button.parentElement.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      status.textContent = button.dataset.copied;
    } catch {
      source.select?.();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
  });

  // The name of the chosen file stands in the drop area, dropped or chosen.
  document.addEventListener("change", (event) => {
    const drop = event.target.closest?.(".drop");
    if (drop) drop.querySelector("output").textContent = Array.from(event.target.files, (file) => file.name).join(", ");
  });

  // Styles may hide what only makes sense without script, and show what only works with it.
  document.documentElement.classList.add("has-script");
  focusSummary(document);
})();
