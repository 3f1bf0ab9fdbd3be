// Wagtail's calendar makes another date of what it cannot read as one leaves the field: "31.02.2027" becomes 3 March,
// and "1. januar" today. Here the words are put back, so that the form reads them and says what is wrong.
let typed = "";

const numbersOf = (text) => (text.match(/\d+/g) ?? []).map(Number).join();

document.addEventListener("blur", (event) => { typed = event.target.value; }, true);  // before the calendar's own

document.addEventListener("focusout", ({ target }) => {  // after it
  const hasCalendar = Boolean(jQuery(target).data("xdsoft_datetimepicker"));
  if (!hasCalendar || numbersOf(target.value) === numbersOf(typed)) return;
  target.value = typed;
  target.dispatchEvent(new Event("change", { bubbles: true }));
});
