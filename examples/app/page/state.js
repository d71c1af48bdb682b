import { ask, beginWith } from "./engine.js";
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
  open: 0, // how many are, those that wait for an answer to another too
  protocol: "",
  edited: false, // by hand or form since it was proposed
  form: null, // the protocol as a form
  history: [], // what Undo goes back to
  found: [], // what keeps a protocol from being proposed
  codes: [], // values that may mean a missing one
  problems: [],
  doubts: [],
  unused: [], // columns that the protocol leaves out
  style: "",
  report: null, // {html, undrawn, doubts} of the protocol in shown
  shown: "", // the protocol whose results were shown last
  changes: [], // of the protocol after results were shown
  claiming: false, // the form of a claim is open
  claimTyped: null, // what stands in it
  instruments: null,
  claim: null, // the reading of a claim that is shown instead of a report
};

// reset forgets the analysis when other files are opened.
export function reset() {
  Object.assign(state, { sheets: [], fileProblems: [], tables: [], answers: [], questions: [], protocol: "", edited: false,
    form: null, history: [], found: [], codes: [],
    problems: [], doubts: [], unused: [], report: null, shown: "", changes: [], claiming: false, claim: null });
}

// openFiles hands the files to the program, and to the next one after a Stop.
export async function openFiles(example = "") {
  const opened = await ask("open", { lang: language(), example }, state.files);
  if (example) state.files = opened.out;
  beginWith(() => ["open", { lang: language() }, state.files]);
  return opened;
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
