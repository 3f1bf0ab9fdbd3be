/* Register payments: says at once what an amount does, and lets what stands in a field be typed over.
   The page works without it; the server decides. */

const SEPARATED = /^([1-9][0-9]{0,2}(?:([ .,'])[0-9]{3})(?:\2[0-9]{3})*|[0-9]{1,12})(?:([.,])([0-9]{1,2}|-))?$/;

/* Whole øre of what somebody typed, or null: the same rules as core/money.py. */
const ore = (text) => {
  const plain = text.replace(/[\u00a0\u202f\u2009\t]/g, " ").replace(/[–—]/g, "-").trim();
  const found = SEPARATED.exec(plain.replace(/^(?:kr\.?|nok)\s*|\s*(?:kr\.?|nok)$/gi, "").trim());
  if (!found || (found[2] && found[2] === found[3])) return null;
  const decimals = (found[4] || "").replace("-", "").padEnd(2, "0");
  return Number(found[1].replace(/[^0-9]/g, "") + decimals);
};

const inWords = (amount) => {
  const digits = amount % 100 ? 2 : 0;
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `kr\u00a0${new Intl.NumberFormat(document.documentElement.lang || "nb", format).format(amount / 100)}`;
};

const outcome = (words, open, amount) => {
  if (amount === null || amount === 0) return words.unclear;
  if (open === 0) return words.credit;
  if (amount < open) return words.leaves.replace("{amount}", inWords(open - amount));
  if (amount > open) return words.surplus.replace("{amount}", inWords(amount - open));
  return words.pays;
};

for (const field of document.querySelectorAll("[data-select-on-focus]")) {
  field.addEventListener("focus", () => field.select());
  // Who types fast is ahead of this script: what they have typed already must not be typed over.
  if (field === document.activeElement && field.value === field.defaultValue) field.select();
}

for (const form of document.querySelectorAll("[data-register]")) {
  const place = form.querySelector("[data-outcome]");
  const say = () => {
    place.textContent = outcome(form.dataset, ore(form.dataset.open), ore(form.elements.amount.value));
  };
  form.elements.amount.addEventListener("input", say);
  say();
}

/* One payment over several invoices: what is left to divide, while it is typed. */
const divided = (words, amount, parts) => {
  if (amount === null || parts.includes(null)) return words.unclear;
  const left = amount - parts.reduce((sum, part) => sum + part, 0);
  if (left > 0) return words.left.replace("{amount}", inWords(left));
  return left < 0 ? words.over.replace("{amount}", inWords(-left)) : words.even;
};

for (const group of document.querySelectorAll("[data-shares]")) {
  const place = group.querySelector("[data-shares-outcome]");
  const received = group.closest("form").querySelector("[data-amount-received]");
  const say = () => {
    const parts = [...group.querySelectorAll("[data-share]")].map((field) => (field.value.trim() ? ore(field.value) : 0));
    place.textContent = divided(group.dataset, ore(received ? received.value : group.dataset.amount), parts);
  };
  group.closest("form").addEventListener("input", say);
  say();
}
