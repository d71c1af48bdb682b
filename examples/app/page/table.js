import { el } from "./dom.js";
import { number, say } from "./words.js";

// dataTable shows the rows of a table. marks are problems by "line:column name" or
// by line; each marked cell has its number, under which the list below explains it.
export function dataTable(table, problems) {
  const { columns, rows } = table.view;
  const at = new Map();
  problems.forEach((p, i) => { if (p.file === table.file && p.row >= 0) at.set(`${p.row}:${p.cell}`, i); });
  const head = el("tr", {}, el("th", { scope: "col" }, say("app-row")),
    columns.map((c) => el("th", { scope: "col" }, c.name, c.label ? el("span", { class: "label" }, c.label) : null)));
  const body = rows.map((row, r) => {
    const whole = at.get(`${r}:-1`);
    return el("tr", { class: whole === undefined ? null : "bad" },
      el("th", { scope: "row" }, String(table.lines[r])),
      columns.map((_, c) => cell(row[c], at.get(`${r}:${c}`))));
  });
  const name = table.view.sheet ? `${table.file}, ${table.view.sheet}` : table.file;
  const shown = table.total > rows.length ? say("app-table-first", { n: number(rows.length), total: number(table.total) }) : "";
  return el("figure", { class: "data" },
    el("figcaption", {}, say("app-table-of", { name, rows: number(table.total), columns: number(columns.length) }), shown ? ` ${shown}` : ""),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("app-table-region", { name }) },
      el("table", {}, el("thead", {}, head), el("tbody", {}, body))),
    table.notes.map((n) => el("p", { class: "note" }, n)));
}

function cell(value, problem) {
  let text = value ?? "";
  let kind = null;
  if (value !== null && typeof value === "object") {
    text = value.missing ?? value.error;
    kind = "missing" in value ? "missing" : "error";
  }
  if (problem === undefined) return el("td", { class: kind }, text);
  return el("td", { class: "bad" }, text, el("a", { class: "mark", href: `#problem-${problem + 1}`, "aria-label": say("app-problem-number", { n: problem + 1 }) }, String(problem + 1)));
}
