import { el } from "./dom.js";
import { number, say } from "./words.js";
import { openFiles, reset, state } from "./state.js";
import { propose } from "./ask.js";
import { claimForm, claimSection } from "./claim.js";
import { show, work } from "./main.js";

// The first screen: files, the example, or a claim.
export function openScreen() {
  if (state.claiming) return claimForm();
  const input = el("input", { type: "file", multiple: true, id: "files", class: "unseen", onchange: () => received(input.files) });
  const drop = el("div", { class: "drop", id: "drop" }, input,
    el("label", { for: "files", class: "button main" }, say("app-choose")),
    el("p", {}, say("app-drop")), el("p", { class: "note" }, say("app-formats")));
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (e) => { e.preventDefault(); drop.classList.add("over"); });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (e) => { e.preventDefault(); drop.classList.remove("over"); received(e.dataTransfer.files); });
  return [
    el("h1", {}, say("app-open-title")),
    el("p", { class: "lead" }, say("app-open-lead")),
    drop,
    opened(),
    el("div", { class: "others" },
      el("section", {}, el("h2", {}, say("app-example-title")), el("p", {}, say("app-example-text")),
        el("button", { type: "button", id: "example", onclick: example }, say("app-example"))),
      claimSection()),
  ];
}

// opened lists what was opened: problems, and the sheets to choose from.
function opened() {
  if (!state.files.length) return null;
  const list = el("section", { class: "opened", "aria-live": "polite" }, el("h2", {}, say("app-opened")),
    el("ul", {}, state.files.map((f) => el("li", {}, f.name))));
  if (state.fileProblems.length) {
    list.append(el("ul", { class: "problems" }, state.fileProblems.map((p) => el("li", {}, p.whole))));
  }
  if (state.sheets.length > 1) {
    list.append(el("fieldset", {}, el("legend", {}, say("app-sheets")),
      state.sheets.map((s) => el("label", { class: "check" },
        el("input", { type: "checkbox", checked: s.used, disabled: s.rows === 0, onchange: (e) => { s.used = e.target.checked; } }),
        say("app-sheet", { name: s.sheet || s.file, rows: number(s.rows), columns: number(s.columns) }), s.hidden ? ` ${say("app-sheet-hidden")}` : ""))));
  }
  if (state.sheets.some((s) => s.rows > 0)) {
    list.append(el("button", { type: "button", class: "main", id: "go-ask", onclick: () => propose() }, say("app-go-ask")));
  }
  return list;
}

async function received(list) {
  const files = [];
  for (const f of list) files.push({ name: f.name, data: new Uint8Array(await f.arrayBuffer()) });
  if (!files.length) return;
  const yaml = files.filter((f) => /\.ya?ml$/i.test(f.name));
  reset();
  state.files = files.filter((f) => !yaml.includes(f));
  if (!state.files.length) return;
  await opening("", yaml.length ? new TextDecoder().decode(yaml[0].data).replace(/\r\n?/g, "\n") : "");
}

async function example() {
  reset();
  state.files = [];
  await opening("hilt", "");
}

// open hands the files over and goes on where nothing is to be chosen.
async function opening(name, protocol) {
  const a = await work("app-doing-open", () => openFiles(name));
  if (!a) return;
  state.sheets = a.sheets;
  state.fileProblems = a.problems;
  state.protocol = protocol || a.protocol;
  state.edited = state.protocol !== "";
  if (a.problems.length === 0 && state.sheets.some((s) => s.used)) await propose();
  else show("open");
}
