"use strict";
// The page reads without this: it only adds a choice of family and an order within each family.
(() => {
  const table = document.querySelector("table.verdicts");
  const bodies = [...table.tBodies];
  const bar = document.querySelector(".choices");
  const show = (wanted, button) => {
    bodies.forEach((body) => { body.hidden = wanted !== null && body !== wanted; });
    bar.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
  };
  const offer = (text, body) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => show(body, button));
    bar.append(button);
    return button;
  };
  if (bodies.length > 2) {
    show(null, offer("all", null));
    bodies.forEach((body) => offer(body.rows[0].textContent.trim(), body));
    bar.hidden = false;
  }
  table.querySelectorAll("th[data-column]").forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = "Order each family by this column";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") === "descending";
      table.querySelectorAll("th[aria-sort]").forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = (row) => Number(row.dataset[head.dataset.column] || "-Infinity");
      bodies.forEach((body) => {
        const rows = [...body.rows].slice(1);
        rows.sort((a, b) => (up ? 1 : -1) * (value(a) - value(b)));
        body.append(...rows);
      });
    });
  });
})();
