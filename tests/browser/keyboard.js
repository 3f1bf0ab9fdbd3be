// Watches where the Tab key leads. Playwright evaluates this file in the page; `window.keyboard` answers afterwards.
(() => {
  const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";
  const stops = [];

  // A group of radio buttons is one stop.
  const keyOf = one => (one.type === "radio" ? `radio ${one.name}` : one);
  const nameOf = one => `${one.tagName} ${one.id || one.name || one.className} ${(one.innerText || "").trim().slice(0, 40)}`.trim();

  function isControl(one) {
    if (one.type === "hidden" || one.disabled || one.tabIndex < 0 || one.closest("[aria-hidden=true]")) return false;
    const box = one.getBoundingClientRect();
    return one.checkVisibility({visibilityProperty: true}) && box.width > 0 && box.height > 0;
  }

  // The ring stands around the control, or around the label or card that it is drawn as.
  function hasRing(one) {
    const near = [one, one.closest("label"), one.nextElementSibling].filter(Boolean).map(part => getComputedStyle(part));
    return near.some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  }

  document.addEventListener("focusin", ({target}) => {
    stops.push({one: target, name: nameOf(target), ring: hasRing(target)});
  });

  const controls = () => [...document.querySelectorAll(CONTROLS)].filter(isControl);
  window.keyboard = {
    count: () => controls().length,
    faults() {
      const reached = new Set(stops.map(stop => keyOf(stop.one)));
      const first = stops[0]?.one.getAttribute("href") === "#main" ? [] : ["the skip link is not the first stop"];
      return [
        ...first,
        ...controls().filter(one => !reached.has(keyOf(one))).map(one => `never reached: ${nameOf(one)}`),
        ...stops.filter(stop => !stop.ring).map(stop => `no ring: ${stop.name}`),
      ];
    },
  };
})();
