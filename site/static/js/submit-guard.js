// A second click while the first is on its way does nothing. The guard lets go when the page is shown again
// (back button) and after ten seconds (a download, a lost connection), so nobody is ever locked out.
const RELEASE_AFTER_MS = 10_000;

function release(form) {
  delete form.dataset.sending;
  form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => release(form), RELEASE_AFTER_MS);
});

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));
