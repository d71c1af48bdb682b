import { el, labeled } from "./dom.js";
import { language, say } from "./words.js";
import { ask } from "./engine.js";
import { state } from "./state.js";
import { dataTable } from "./table.js";
import { protocolForm, questionForm } from "./form.js";
import { show, work } from "./main.js";
import { readReport } from "./read.js";

// later are the questions that the form of the protocol asks; the others come first,
// since they decide what it is about.
const later = /^(control$|baseline$|range\.|better\.|threshold\.|data\.missing$)/;
const structural = () => (state.edited ? [] : state.questions.filter((q) => !later.test(q.id)));

// propose has the program read a protocol out of the tables that are used, with the
// answers given so far, unless the protocol was given or changed.
export async function propose() {
  const use = state.sheets.filter((s) => s.used).map((s) => ({ file: s.file, sheet: s.sheet }));
  const a = await work("app-doing-propose", () => ask("propose", { lang: language(), use, answers: state.answers }));
  if (!a) return;
  state.tables = a.tables;
  state.questions = a.questions;
  state.open = a.open;
  state.found = a.problems;
  const codes = a.questions.find((q) => q.id === "data.missing");
  if (codes) state.codes = codes.options;
  if (!state.edited) state.protocol = a.protocol;
  await look([]);
  show("ask");
}

// look changes the protocol by edits of the form, makes the form anew, and reads the
// data under it.
async function look(edits) {
  const a = await work("app-doing-check", async () => {
    const form = await ask("form", { lang: language(), protocol: state.protocol, edits, missing: state.codes });
    const check = form.protocol ? await ask("check", { lang: language(), protocol: form.protocol }) : { problems: state.found, doubts: [], unused: [] };
    return { form, check };
  });
  if (!a) return;
  if (edits.length) {
    state.history.push({ protocol: state.protocol, edited: state.edited });
    state.edited = true;
  }
  state.protocol = a.form.protocol;
  state.form = a.form;
  state.problems = a.check.problems;
  state.doubts = a.check.doubts;
  state.unused = a.check.unused;
}

// edit is what the form calls; the field that had the focus keeps it.
async function edit(edits) {
  await look(edits);
  again();
}

// again shows the screen anew with the focus, and what was folded, where it was.
function again() {
  const key = document.activeElement?.dataset?.key;
  const opened = new Map(Array.from(document.querySelectorAll("details.group"), (d) => [d.dataset.group, d.open]));
  show("ask");
  for (const d of document.querySelectorAll("details.group")) {
    if (opened.has(d.dataset.group)) d.open = opened.get(d.dataset.group) || d.classList.contains("asks");
  }
  if (key) document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

async function undo() {
  const last = state.history.pop();
  Object.assign(state, last);
  await look([]);
  again();
}

async function answered(id, text) {
  state.answers = [...state.answers, { id, answer: text }];
  await propose();
}

// The second screen: what was found, what is asked, the data and the protocol.
export function askScreen() {
  const questions = structural();
  return [
    el("h1", {}, say("app-ask-title")),
    el("p", { class: "lead" }, say("app-ask-lead")),
    el("div", { class: "sides" },
      el("div", { class: "asking" }, status(),
        questions.length ? questions.map((q) => questionForm(q, answered)) : formOf(),
        el("div", { class: "bar" },
          el("button", { type: "button", class: "main", id: "go-read", onclick: () => (waiting() ? toQuestion() : readReport()) }, say("app-go-read")),
          waiting() ? el("span", { class: "note" }, say("app-answer-first", { n: waiting() })) : null,
          state.history.length ? el("button", { type: "button", id: "undo", onclick: undo }, say("app-undo")) : null)),
      el("div", { class: "beside" }, problemList(), doubtList(), state.tables.map((t) => dataTable(t, state.problems)), unusedColumns(), text())),
  ];
}

// waiting is how many questions have no answer yet, those of later steps too.
const waiting = () => (structural().length ? state.open : 0) || (state.form?.open ?? 0);

// toQuestion goes to the first of them.
function toQuestion() {
  document.querySelector(".asking > .question :is(button, input), .group .open :is(button, input, select)")?.focus();
}

// unusedColumns says what of the data the protocol leaves out.
function unusedColumns() {
  return state.unused.length ? el("p", { class: "note", id: "unused" }, say("app-unused", { columns: state.unused.join(", ") })) : null;
}

function status() {
  const open = waiting();
  const code = open ? "app-open-questions" : state.problems.length ? "app-problems" : "app-no-problems";
  return el("p", { class: open || state.problems.length ? "status asks" : "status good", role: "status", id: "status" },
    say(code, { n: open || state.problems.length }));
}

function formOf() {
  if (!state.form) return null;
  return state.form.broken ? el("p", { class: "problems" }, state.form.broken) : protocolForm(state.form.groups, edit);
}

// text is the protocol itself.
function text() {
  const yaml = el("textarea", { class: "yaml", spellcheck: "false", rows: "18", wrap: "off", id: "protocol", "data-key": "protocol", onchange: async () => {
    if (yaml.value === state.protocol) return;
    state.history.push({ protocol: state.protocol, edited: state.edited });
    state.protocol = yaml.value;
    state.edited = true;
    await look([]);
    again();
  } });
  yaml.value = state.protocol;
  return labeled(say("app-protocol"), yaml, say("app-protocol-why"));
}

// toLine puts the cursor on a line of the protocol.
function toLine(line) {
  const yaml = document.getElementById("protocol");
  const lines = yaml.value.split("\n");
  const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  yaml.focus();
  yaml.setSelectionRange(from, from + (lines[line - 1] ?? "").length);
  yaml.scrollTop = Math.max(0, (line - 4) * yaml.scrollHeight / lines.length);
}

// problemList lists what keeps the data from being read, in the command line's words,
// with the key of the protocol to change.
function problemList() {
  if (!state.problems.length || state.form?.open) return null;
  return el("section", { class: "problems", id: "problems" }, el("h2", {}, say("app-problems", { n: state.problems.length })),
    el("ol", {}, state.problems.map((p, i) => el("li", { id: `problem-${i + 1}` }, p.whole,
      p.key ? el("button", { type: "button", class: "small", onclick: () => toLine(p.at) }, p.key) : null))));
}

function doubtList() {
  if (!state.doubts.length || state.problems.length) return null;
  return el("details", { class: "doubts" }, el("summary", {}, say("app-doubts", { n: state.doubts.length })), el("ul", {}, state.doubts.map((d) => el("li", {}, d))));
}
