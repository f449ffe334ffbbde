"use strict";
// The page reads without this: it only adds ways to choose, to order and to copy lines of the table,
// lights up a line wherever it is shown, and saves charts as files.
(() => {
  const make = (name, properties, ...inner) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...inner);
    return made;
  };
  const button = (text, act) => {
    const made = make("button", { type: "button" }, ...text);
    made.addEventListener("click", act);
    return made;
  };
  const table = document.querySelector("table.findings");
  const bodies = [...table.tBodies];
  const rows = bodies.flatMap((body) => [...body.rows]);
  const everywhere = (line) => document.querySelectorAll(`[data-line="${line}"]`);

  // Choosing: a box to type into, and a list for everything that differs between lines.
  const bar = document.querySelector(".choices");
  const typed = make("input", { type: "search" });
  const shown = make("output", {});
  const lists = ["finding", "family", "study", "world", "condition", "level"].flatMap((name) => {
    const values = [...new Set(rows.map((row) => row.dataset[name]))];
    if (values.length < 2) return [];
    const list = make("select", {}, new Option("any", ""), ...values.map((value) => new Option(value, value)));
    list.dataset.name = name;
    return [list];
  });
  const choose = () => {
    const words = typed.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row) => {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word))
        || lists.some((list) => list.selectedIndex > 0 && row.dataset[list.dataset.name] !== list.value);
      if (row.dataset.line) everywhere(row.dataset.line).forEach((part) => part.classList.toggle("dim", row.hidden));
    });
    bodies.forEach((body) => { body.hidden = [...body.rows].every((row) => row.hidden); });
    shown.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} lines`;
  };
  const copy = (text) => navigator.clipboard.writeText(text).then(
    () => { shown.value = "copied"; }, () => { shown.value = "the browser didn't let it be copied"; });
  // Texts of the head's cells, then of those of every line that is shown.
  const texts = () => {
    table.classList.add("read");
    const lines = [table.tHead.rows[0], ...rows.filter((row) => !row.hidden)];
    const found = lines.map((row) => [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, " ").trim()));
    table.classList.remove("read");
    return found;
  };
  const markdown = ([head, ...lines]) => [head, head.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`).join("");
  const TEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
    "\u2212": "$-$", "\u00b1": "$\\pm$", "<": "$<$", ">": "$>$", "|": "$|$" };
  const tex = (text) => text.replace(/[\u25a0-\u25ff\u2715\u00d7]\s*/g, "")
    .replace(/[\\{}$&#^_~%\u2212\u00b1<>|]/g, (sign) => TEX[sign] || `\\${sign}`);
  const latex = ([head, ...lines]) => {
    const row = (cells) => `${cells.map(tex).join(" & ")} \\\\\n`;
    const columns = head.map(() => "l").join("");
    return `\\begin{tabular}{@{}${columns}@{}}\n\\toprule\n${row(head)}\\midrule\n`
      + `${lines.map(row).join("")}\\bottomrule\n\\end{tabular}\n`;
  };
  // On a phone a line is its finding and its first endpoint, until all is asked for.
  const all = button(["all numbers"], () => {
    all.setAttribute("aria-pressed", String(!table.classList.toggle("brief")));
  });
  all.className = "all";
  all.setAttribute("aria-pressed", "false");
  table.classList.add("brief");
  bar.append(make("label", {}, "search ", typed),
    ...lists.map((list) => make("label", {}, `${list.dataset.name} `, list)),
    button(["copy as Markdown"], () => copy(markdown(texts()))),
    button(["copy as LaTeX"], () => copy(latex(texts()))), all, shown);
  bar.addEventListener("input", choose);
  bar.hidden = false;
  choose();

  // What measures a line's learner again.
  rows.filter((row) => row.dataset.command).forEach((row) => {
    const made = button(["copy its command"], () => copy(row.dataset.command));
    made.className = "again";
    made.title = row.dataset.command;
    row.cells[0].append(made);
  });

  // Ordering: subjects among themselves, and so the controls.
  table.querySelectorAll("th[data-sort]").forEach((head) => {
    const made = button([...head.childNodes], () => {
      const up = head.getAttribute("aria-sort") === "descending";
      table.querySelectorAll("th[aria-sort]").forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = (row) => Number(row.cells[head.cellIndex].dataset.value || "-Infinity");
      bodies.forEach((body) => body.append(...[...body.rows].sort((a, b) => (up ? 1 : -1) * (value(a) - value(b)))));
    });
    made.title = "Order lines by this column";
    head.append(made);
  });

  // A line under the pointer is lit up in the table and in every chart.
  let lit = [];
  document.addEventListener("pointerover", (event) => {
    lit.forEach((part) => part.classList.remove("lit"));
    const line = event.target.closest("[data-line]");
    lit = line ? [...everywhere(line.dataset.line)] : [];
    lit.forEach((part) => part.classList.add("lit"));
  });

  // What is folded away opens when it is linked to.
  const unfold = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    const fold = target && target.querySelector("details.fold");
    if (fold) fold.open = true;
  };
  window.addEventListener("hashchange", unfold);
  unfold();

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
    drawing.querySelectorAll("[class]").forEach((part) => part.removeAttribute("class"));
    root.append(drawing);
    return { text: new XMLSerializer().serializeToString(root), width, height };
  };
  const save = (blob, name) => {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const SAVERS = {
    SVG: (chart, name) => save(new Blob([standalone(chart).text], { type: "image/svg+xml" }), name),
    PNG: (chart, name) => {
      const { text, width, height } = standalone(chart);
      const image = new Image();
      image.onload = () => {
        const canvas = make("canvas", { width: SCALE * width, height: SCALE * height });
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => save(blob, name), "image/png");
      };
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    },
  };
  document.querySelectorAll(".panel > .chart").forEach((chart) => {
    const line = make("p", { className: "save" }, "save as");
    Object.entries(SAVERS).forEach(([format, act]) => {
      const name = `${chart.dataset.name}.${format.toLowerCase()}`;
      const made = button([format], () => act(chart, name));
      made.setAttribute("aria-label", `${format}: save ${name}`);
      line.append(made);
    });
    chart.after(line);
  });
})();
