// Says at once when files are too large, and sends a form once. Without it the server says the same, only later.
(() => {
  const megabyte = 1024 * 1024;
  for (const input of document.querySelectorAll("input[type=file][data-each]")) {
    const problem = document.getElementById("files-problem");
    const check = () => {
      const sizes = [...input.files].map((file) => file.size);
      const {most, each, together, sayMost, sayEach, sayTogether} = input.dataset;
      const sum = sizes.reduce((total, size) => total + size, 0);
      const text = sizes.length > Number(most) ? sayMost
        : sizes.some((size) => size > each * megabyte) ? sayEach
        : sum > together * megabyte ? sayTogether : "";
      problem.hidden = !text;
      problem.querySelector("span").textContent = text;
      return !text;
    };
    input.addEventListener("change", check);
    input.form.addEventListener("submit", (event) => {
      const aside = event.submitter && event.submitter.name === "drop";
      if (aside || check()) return;
      event.preventDefault();
      input.focus();
    });
  }
  for (const form of document.querySelectorAll("form[data-once]")) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      if (sent) event.preventDefault();
      sent = true;
    });
    addEventListener("pageshow", () => { sent = false; });
  }
})();
