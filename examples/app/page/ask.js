import { el, labeled } from "./dom.js";
import { language, say } from "./words.js";
import { ask } from "./engine.js";
import { state } from "./state.js";
import { dataTable } from "./table.js";
import { questionForm } from "./form.js";
import { show, work } from "./main.js";
import { readReport } from "./read.js";

// propose has the program read a protocol out of the tables that are used, with the
// answers given so far, unless the protocol was given or changed.
export async function propose() {
  const use = state.sheets.filter((s) => s.used).map((s) => ({ file: s.file, sheet: s.sheet }));
  const a = await work("app-doing-propose", () => ask("propose", { lang: language(), use, answers: state.answers }));
  if (!a) return;
  state.tables = a.tables;
  state.questions = a.questions;
  state.problems = a.problems;
  if (!state.edited) state.protocol = a.protocol;
  await check();
  show("ask");
}

// check reads the files under the protocol as it stands.
async function check() {
  if (!state.protocol) return;
  const a = await work("app-doing-check", () => ask("check", { lang: language(), protocol: state.protocol }));
  if (!a) return;
  state.problems = a.problems;
  state.doubts = a.doubts;
}

async function answered(id, text) {
  const before = state.answers;
  state.answers = [...before, { id, answer: text }];
  await propose();
}

// The second screen: what was found, what is asked, the data and the protocol.
export function askScreen() {
  const yaml = el("textarea", { class: "yaml", spellcheck: "false", rows: "24", wrap: "off", id: "protocol",
    oninput: () => { state.protocol = yaml.value; state.edited = true; } });
  yaml.value = state.protocol;
  const text = labeled(say("app-protocol"), yaml, say("app-protocol-why"));
  yaml.addEventListener("change", async () => { await check(); show("ask"); });
  return [
    el("h1", {}, say("app-ask-title")),
    el("p", { class: "lead" }, say("app-ask-lead")),
    state.edited ? null : el("div", { class: "questions" }, state.questions.map((q) => questionForm(q, answered))),
    problemList(),
    el("div", { class: "sides" }, text, el("div", { class: "tables" }, state.tables.map((t) => dataTable(t, state.problems)))),
    el("button", { type: "button", class: "main", id: "go-read", onclick: () => readReport() }, say("app-go-read")),
  ];
}

function problemList() {
  if (!state.problems.length) return el("p", { class: "good", role: "status" }, say("app-no-problems"));
  return el("section", { class: "problems", role: "status" }, el("h2", {}, say("app-problems", { n: state.problems.length })),
    el("ol", {}, state.problems.map((p, i) => el("li", { id: `problem-${i + 1}` }, p.whole))));
}
