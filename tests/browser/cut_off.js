// What the screen cuts off on its right: it is wider than the screen, and nothing around it can be pushed sideways.
// What only screen readers get does not count, nor does Wagtail's header.
() => {
  const canBePushed = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (["auto", "scroll"].includes(style.overflowX) && !one.matches("main, body, html")) return true;
      if (style.clipPath !== "none") return true;
    }
    return false;
  };
  const cut = [...document.querySelectorAll("main *")].filter((element) => {
    const box = element.getBoundingClientRect();
    const isSeen = box.width > 1 && box.height > 1 && element.checkVisibility({ visibilityProperty: true });
    return isSeen && box.right > window.innerWidth + 1 && box.left < window.innerWidth
      && !element.closest("header, [class*=tippy], [class*=side-panel]") && !canBePushed(element);
  });
  return cut.filter((element) => !cut.some((other) => other !== element && element.contains(other)))
    .slice(0, 3).map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
}
