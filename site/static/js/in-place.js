// <form data-in-place="people">: send the form in the background and exchange only the element with that id,
// so adding a person does not lose the place on the page. The server answers with a whole page, as always; when
// that page lives elsewhere or lacks the element, or the network fails, the form is sent the ordinary way.
// A button with data-whole-page is always sent the ordinary way. Load before submit-guard.js.

function sendWhole(form, submitter) {
  if (submitter?.name) {
    const { name, value } = submitter;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  HTMLFormElement.prototype.submit.call(form);
}

async function exchange(form, submitter, id) {
  // Not form.action: a button named "action" hides that property.
  const address = submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href;
  const response = await fetch(address, { method: "POST", body: new FormData(form, submitter) });
  if (response.redirected && new URL(response.url).pathname !== location.pathname) {
    location.assign(response.url);
    return true;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(id);
  if (!fresh) return false;
  document.getElementById(id).replaceWith(fresh);
  document.title = page.title;
  const target = fresh.querySelector("[data-error-summary], [data-focus]") ?? fresh;
  target.tabIndex = -1;
  target.focus();
  return true;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const submitter = event.submitter;
  const id = form.dataset.inPlace;
  if (!id || submitter?.dataset.wholePage !== undefined) return;
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  const done = await exchange(form, submitter, id).catch(() => false);
  delete form.dataset.sending;
  if (!done) sendWhole(form, submitter);
});
