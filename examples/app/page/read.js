import { el, labeled } from "./dom.js";
import { language, say } from "./words.js";
import { ask } from "./engine.js";
import { choice, state } from "./state.js";
import { showReport } from "./report.js";
import { saveFile } from "./take.js";
import { show, work } from "./main.js";

const styles = ["", "lancet", "jama", "nejm", "bmc", "nature", "gray"];

// readReport analyzes and shows the report.
export async function readReport() {
  const a = await work("app-doing-read", (tell) => ask("read", choice(), [], tell));
  if (!a) return;
  state.problems = a.problems;
  if (a.problems.length) {
    show("ask");
    return;
  }
  state.report = { html: new TextDecoder().decode(a.out[0].data), undrawn: a.undrawn, lang: language(), style: state.style };
  state.claim = null;
  state.changes = a.changes;
  state.shown = state.protocol;
  show("read");
}

// The third screen: the report.
export function readScreen() {
  if (state.claim) return claimScreen();
  const host = el("article", { class: "report", id: "report" });
  showReport(host, state.report.html, say("app-supplement"));
  const style = el("select", { id: "style", onchange: () => { state.style = style.value; readReport(); } },
    styles.map((s) => el("option", { value: s, selected: s === state.style }, say(`app-style-${s || "own"}`))));
  return [
    el("div", { class: "bar" }, labeled(say("app-style"), style),
      el("button", { type: "button", onclick: () => print() }, say("app-print")),
      el("button", { type: "button", class: "main", id: "go-take", onclick: () => show("take") }, say("app-go-take"))),
    changeLog(),
    host,
    state.report.undrawn.length ? el("ul", { class: "note" }, state.report.undrawn.map((u) => el("li", {}, u))) : null,
  ];
}

// changeLog shows what was changed after results had been shown.
export function changeLog() {
  if (!state.changes.length) return null;
  return el("section", { class: "log" }, el("h2", {}, say("app-log")), el("p", {}, say("app-log-why")),
    el("ol", {}, state.changes.map((c) => el("li", {}, say("app-log-line", { at: c.at, key: c.key, from: c.from || "–", to: c.to || "–" })))));
}

// claimScreen shows what the numbers of a paper can support.
function claimScreen() {
  const host = el("article", { class: "report", id: "report" });
  showReport(host, state.claim.html, say("app-supplement"));
  return [
    el("div", { class: "bar end" },
      el("button", { type: "button", onclick: () => { state.claiming = state.claimTyped !== null; show("open"); } }, say("app-back")),
      el("button", { type: "button", onclick: () => print() }, say("app-print")),
      el("button", { type: "button", class: "main", id: "save-claim", onclick: () => saveFile("claim.html", state.claim.data, "text/html") }, say("app-claim-save"))),
    host,
  ];
}
