import { el } from "./dom.js";
import { number, say } from "./words.js";
import { ask } from "./engine.js";
import { choice, state } from "./state.js";
import { changeLog } from "./read.js";
import { work } from "./main.js";

// saveFile hands a file to the browser, which asks where to put it.
export function saveFile(name, data, type) {
  const url = URL.createObjectURL(new Blob([data], { type }));
  const link = el("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

async function takeAway(which) {
  const a = await work("app-doing-take", (tell) => ask("take", choice(), [], tell));
  if (!a) return;
  const found = a.out.find((f) => f.name === which);
  saveFile(found.name, found.data, which.endsWith(".zip") ? "application/zip" : "application/octet-stream");
  const done = document.getElementById("taken");
  if (done) done.textContent = say("app-taken", { name: which, kb: number(found.data.length / 1024) });
}

// The fourth screen: the files to take away.
export function takeScreen() {
  const files = [["trialkit.zip", "app-take-zip", true], ["report.docx", "app-take-docx"], ["report.html", "app-take-html"],
    ["tables.csv", "app-take-tables"], ["results.json", "app-take-json"], ["protocol.yaml", "app-take-protocol"]];
  return [
    el("h1", {}, say("app-take-title")),
    el("p", { class: "lead" }, say("app-take-lead")),
    el("ul", { class: "files" }, files.map(([name, why, main]) => el("li", {},
      el("button", { type: "button", class: main ? "main" : null, "data-file": name, onclick: () => takeAway(name) }, name), el("span", {}, say(why))))),
    el("p", { id: "taken", role: "status" }),
    changeLog(),
  ];
}
