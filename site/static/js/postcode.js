// <input data-place-url="/postcode/" data-place-for="id_place">: a Norwegian postcode fills in the place.
// Asks GET <url>?postcode=0150, expects {"place": "OSLO"} or {"place": ""}. What a person wrote is never replaced:
// only an empty place, or one that we filled in ourselves.
document.addEventListener("input", async (event) => {
  const input = event.target;
  if (!input.dataset?.placeUrl) return;
  const place = document.getElementById(input.dataset.placeFor);
  const postcode = input.value.replace(/\s/g, "");
  if (!place || !/^\d{4}$/.test(postcode)) return;
  if (place.value && place.value !== place.dataset.filled) return;
  try {
    const response = await fetch(`${input.dataset.placeUrl}?postcode=${postcode}`);
    if (!response.ok) return;
    const found = (await response.json()).place;
    if (found && input.value.replace(/\s/g, "") === postcode) {
      place.value = found;
      place.dataset.filled = found;
    }
  } catch {
    return; // offline: the person writes the place
  }
});
