import { ask } from "./engine.js";
import { language } from "./words.js";

// What the page holds, in memory alone: closing it forgets everything.
export const state = {
  screen: "open",
  files: [], // {name, data}
  sheets: [], // every table in them; used: those that are analyzed
  fileProblems: [],
  tables: [], // of those used, what is shown
  answers: [], // to the questions of the proposal
  questions: [],
  protocol: "",
  edited: false, // by hand or form since it was proposed
  problems: [],
  doubts: [],
  style: "",
  report: null, // {html, undrawn, doubts} of the protocol in shown
  shown: "", // the protocol whose results were shown last
  changes: [], // of the protocol after results were shown
  taken: null,
};

// reset forgets the analysis when other files are opened.
export function reset() {
  Object.assign(state, { sheets: [], fileProblems: [], tables: [], answers: [], questions: [], protocol: "", edited: false,
    problems: [], doubts: [], report: null, shown: "", changes: [], taken: null });
}

// openFiles hands the files to the program, which forgets them when it is stopped.
export async function openFiles(example = "") {
  const copies = state.files.map((f) => ({ name: f.name, data: f.data }));
  return ask("open", { lang: language(), example }, copies);
}

// choice is what a report is made of.
export const choice = () => ({ lang: language(), style: state.style, protocol: state.protocol, shown: state.shown,
  changes: state.changes, now: now() });

// now is the time as the log writes it.
function now() {
  const d = new Date();
  const two = (x) => String(x).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}`;
}
