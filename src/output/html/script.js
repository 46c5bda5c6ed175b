
"use strict";
(() => {
  const form = document.getElementById("controls");
  const folds = Array.from(document.querySelectorAll("details.fold"));
  for (const fold of folds) fold.open = false;

  // A link to what is folded away opens it.
  const unfold = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();

  // Paper shows all of it.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = folds.filter((fold) => !fold.open);
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of opened) fold.open = false;
  });

  if (!form) return;
  const list = document.getElementById("cards");
  const told = document.getElementById("shown");
  const search = document.getElementById("search");
  const readers = document.getElementById("readers");
  const order = document.getElementById("order");
  const cards = Array.from(list.children, (element, place) => ({
    element, place, text: element.textContent.toLowerCase(), ...element.dataset,
  }));
  if (cards.length < 2) return;
  const byText = (key) => (a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0);
  const orders = {
    severity: (a, b) => b.rank - a.rank,
    reach: (a, b) => b.reach - a.reach || b.rank - a.rank,
    kind: byText("kind"),
    path: byText("path"),
  };

  const apply = () => {
    const severities = new Set(new FormData(form).getAll("severity"));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const card of cards) {
      const isShown = severities.has(card.severity) &&
        (!readers.value || card.readers === readers.value) &&
        words.every((word) => card.text.includes(word));
      card.element.hidden = !isShown;
      if (isShown) ++count;
    }
    told.textContent = count === cards.length
      ? `All ${cards.length} shown.`
      : `Filtered: ${count} of ${cards.length} shown.`;
  };
  const arrange = () => {
    const compare = orders[order.value];
    cards.sort((a, b) => compare(a, b) || a.place - b.place);
    list.append(...cards.map((card) => card.element));
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", apply);
  order.addEventListener("change", arrange);
  form.addEventListener("reset", () => setTimeout(() => {
    arrange();
    apply();
  }));
  addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("select, input:not([type=checkbox])");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      apply();
    }
  });
  apply();
})();
