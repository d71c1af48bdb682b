import { el } from "./dom.js";
import { Stopped, start, stop } from "./engine.js";
import { language, languages, say, setLanguage } from "./words.js";
import { state } from "./state.js";
import { openScreen } from "./open.js";
import { readClaim } from "./claim.js";
import { askScreen, propose } from "./ask.js";
import { readReport, readScreen } from "./read.js";
import { takeScreen } from "./take.js";

const screens = { open: openScreen, ask: askScreen, read: readScreen, take: takeScreen };

// reachable says whether a screen has anything to show yet.
function reachable(name) {
  if (name === "open") return true;
  if (name === "ask") return state.protocol !== "";
  if (name === "read" && state.claim) return true;
  return state.report !== null && !state.claim;
}

// show puts a screen into the page.
export function show(name, focus = true) {
  const moved = state.screen !== name;
  state.screen = name;
  const main = document.getElementById("screen");
  main.replaceChildren(...screens[name]().filter(Boolean));
  main.dataset.screen = name;
  document.title = `${say(`app-step-${name}`)} · trialkit`;
  steps();
  if (moved && focus) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

function steps() {
  document.getElementById("steps").replaceChildren(...Object.keys(screens).map((name) => el("li", {},
    el("button", { type: "button", id: `step-${name}`, "aria-current": state.screen === name ? "step" : null, disabled: !reachable(name), onclick: () => go(name) }, say(`app-step-${name}`)))));
}

// go moves to a screen; a report that no longer belongs to the protocol is made anew.
function go(name) {
  if (name !== "read") state.claim = null;
  const stale = state.report && !state.claim && (state.shown !== state.protocol || state.report.lang !== language());
  if ((name === "read" || name === "take") && stale) readReport();
  else show(name);
}

// work does something that may take time: it says what, how far it is, and can be
// stopped. Its answer is undefined where it was stopped or failed.
export async function work(code, does) {
  const box = document.getElementById("working");
  const bar = document.getElementById("progress");
  bar.removeAttribute("value");
  const later = setTimeout(() => {
    document.getElementById("doing").textContent = say(code);
    box.hidden = false;
  }, 150);
  document.body.setAttribute("aria-busy", "true");
  try {
    return await does((done, total) => { bar.max = total; bar.value = done; });
  } catch (e) {
    if (!(e instanceof Stopped)) failed(e);
    return undefined;
  } finally {
    clearTimeout(later);
    box.hidden = true;
    document.body.removeAttribute("aria-busy");
  }
}

// failed shows an error of the program, which no file should cause.
function failed(e) {
  document.getElementById("screen").prepend(el("p", { class: "failed", role: "alert" }, say("app-failed", { reason: e.message })));
}

// halt is Stop: another Worker, which gets the files anew, and the tables when they
// are asked for.
async function halt() {
  await stop();
  show(state.screen);
}

async function changeLanguage(code) {
  setLanguage(code);
  state.instruments = null;
  if (state.screen === "read" && state.claim) await readClaim({ yaml: state.claim.yaml });
  else if (state.screen === "read") await readReport();
  else if (state.screen === "ask" && state.sheets.length) await propose();
  else {
    state.claiming = false;
    show(state.screen);
  }
}

function begin() {
  const lang = document.getElementById("lang");
  lang.append(...languages.map(([code, name]) => el("option", { value: code, lang: code }, name)));
  const wanted = navigator.languages.map((l) => l.split("-")[0]).find((l) => languages.some(([code]) => code === l)) ?? "en";
  lang.value = wanted;
  lang.addEventListener("change", () => changeLanguage(lang.value));
  document.getElementById("stop").addEventListener("click", halt);
  document.getElementById("licenses").textContent = document.getElementById("license-texts").textContent;
  for (const name of ["dragover", "drop"]) addEventListener(name, (e) => e.preventDefault()); // a file dropped beside is not opened instead
  setLanguage(wanted);
  show("open", false);
  start().then(() => { document.documentElement.dataset.ready = String(Math.round(performance.now())); }, failed);
}

begin();
