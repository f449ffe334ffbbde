"use strict";
// The page reads without this: it only adds a choice of family, an order within each family, and
// charts as files.
(() => {
  const table = document.querySelector("table.verdicts");
  const bodies = [...table.tBodies];
  const bar = document.querySelector(".choices");
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.append(...text);
    made.addEventListener("click", act);
    return made;
  };
  const show = (wanted, pressed) => {
    bodies.forEach((body) => { body.hidden = wanted !== null && body !== wanted; });
    bar.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", String(one === pressed)));
  };
  const offer = (text, body) => {
    const made = button([text], () => show(body, made));
    bar.append(made);
    return made;
  };
  if (bodies.length > 2) {
    show(null, offer("all", null));
    bodies.forEach((body) => offer(body.rows[0].textContent.trim(), body));
    bar.hidden = false;
  }
  table.querySelectorAll("th[data-column]").forEach((head) => {
    const made = button([...head.childNodes], () => {
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
    made.title = "Order each family by this column";
    head.append(made);
  });

  // A chart as a file: dark on white, with its legend and its description.
  const element = (name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    if (text) made.textContent = text;
    return made;
  };
  const INK = "#1d2229", LINE = 19, SCALE = 3;
  const standalone = (chart) => {
    const drawing = chart.querySelector("svg").cloneNode(true);
    const [, , width, inner] = drawing.getAttribute("viewBox").split(" ").map(Number);
    const legend = [...chart.closest("figure").querySelectorAll(".legend > span")];
    const top = LINE * Math.ceil(legend.length / 2) + 6, height = top + inner;
    const root = element("svg", { xmlns: "http://www.w3.org/2000/svg", width, height,
      viewBox: `0 0 ${width} ${height}`, "font-family": "Arial, Helvetica, sans-serif", "font-size": 12 });
    root.append(element("title", {}, chart.closest("section").querySelector("h2").textContent));
    root.append(element("desc", {}, chart.getAttribute("aria-label")));
    root.append(element("rect", { width, height, fill: "#ffffff" }));
    legend.forEach((item, i) => {
      const x = 4 + (i % 2) * width / 2, y = LINE * (Math.floor(i / 2) + 0.8);
      const mark = item.querySelector("text");
      root.append(element("text", { x, y, fill: mark.getAttribute("fill") }, mark.textContent));
      root.append(element("text", { x: x + 16, y, fill: INK }, item.lastChild.textContent.trim()));
    });
    Object.entries({ y: top, width, height: inner }).forEach(([key, value]) => drawing.setAttribute(key, value));
    drawing.querySelectorAll("text").forEach((text) => {
      text.setAttribute("fill", INK);
      text.removeAttribute("font-family");
    });
    root.append(drawing);
    return { text: new XMLSerializer().serializeToString(root), width, height };
  };
  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const SAVERS = {
    SVG: (chart, name) => save(new Blob([standalone(chart).text], { type: "image/svg+xml" }), name),
    PNG: (chart, name) => {
      const { text, width, height } = standalone(chart);
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        canvas.width = SCALE * width;
        canvas.height = SCALE * height;
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => save(blob, name), "image/png");
      };
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    },
  };
  document.querySelectorAll(".panel > .chart").forEach((chart) => {
    const line = document.createElement("p");
    line.className = "save";
    line.append("save as");
    Object.entries(SAVERS).forEach(([format, act]) => {
      const name = `${chart.dataset.name}.${format.toLowerCase()}`;
      const made = button([format], () => act(chart, name));
      made.setAttribute("aria-label", `${format}: save ${name}`);
      line.append(made);
    });
    chart.after(line);
  });
})();
