import { el, labeled } from "./dom.js";
import { language, say } from "./words.js";
import { ask } from "./engine.js";
import { state } from "./state.js";
import { show, work } from "./main.js";

// The numbers of a paper as a form: what the text prints of one outcome.

// claimSection stands on the first screen.
export function claimSection() {
  return el("section", {}, el("h2", {}, say("app-claim-title")), el("p", {}, say("app-claim-text")),
    el("button", { type: "button", id: "claim", onclick: openClaim }, say("app-claim")),
    el("button", { type: "button", id: "claim-example", class: "option", onclick: () => readClaim({ example: true }) }, say("app-claim-example")));
}

async function openClaim() {
  if (!state.instruments) {
    const a = await work("app-doing-open", () => ask("instruments", { lang: language() }));
    if (!a) return;
    state.instruments = a.instruments;
  }
  state.claiming = true;
  show("open");
  document.getElementById("claim-form").querySelector("input").focus();
}

const typed = (label, name, more = {}) => labeled(label, el("input", { type: "text", autocomplete: "off", name, ...more }));
const pick = (label, name, options) => labeled(label, el("select", { name }, options.map(([value, text]) => el("option", { value }, text))));

// claimForm is the form, instead of the first screen.
export function claimForm() {
  const arm = (n, title) => el("fieldset", { "data-arm": n }, el("legend", {}, title), el("div", { class: "pair" },
    typed(say("app-claim-arm"), "Name"), typed(say("app-claim-n"), "N", { size: 4, inputmode: "numeric" }),
    typed(say("app-claim-mean"), "Mean", { size: 6 }), typed(say("app-claim-sd"), "SD", { size: 6 })));
  const form = el("form", { id: "claim-form", novalidate: true, onsubmit: (e) => { e.preventDefault(); readClaim({ form: numbers(form) }); } },
    typed(say("app-claim-paper"), "Title"),
    typed(say("app-claim-outcome"), "Outcome"),
    pick(say("app-field-instrument"), "Instrument", state.instruments.map((o) => [o.value, o.detail ? `${o.label} (${o.detail})` : o.label])),
    el("div", { class: "pair" }, typed(say("app-field-unit"), "Unit", { size: 6 }), typed(say("app-range-low"), "Low", { size: 6 }), typed(say("app-range-high"), "High", { size: 6 }),
      pick(say("app-field-better"), "Better", [["lower", say("app-better-lower")], ["higher", say("app-better-higher")]])),
    el("div", { class: "pair" }, typed(say("app-claim-visit"), "Visit"),
      pick(say("app-claim-measure"), "Measure", [["change", say("app-claim-change")], ["score", say("app-claim-score")]])),
    arm(0, say("app-claim-active")), arm(1, say("app-claim-control")),
    typed(say("app-claim-p"), "P", { size: 8 }),
    labeled(say("app-claim-quotes"), el("textarea", { name: "Quotes", rows: 3 })),
    el("ul", { class: "problems", id: "claim-problems", role: "alert", hidden: true }),
    el("div", { class: "bar" }, el("button", { type: "submit", class: "main", id: "go-claim" }, say("app-claim-read")),
      el("button", { type: "button", onclick: () => { state.claiming = false; show("open"); } }, say("app-back"))));
  for (const [name, value] of Object.entries(state.claimTyped ?? {})) {
    if (typeof value === "string" && form.elements[name]) form.elements[name].value = value;
  }
  (state.claimTyped?.Arms ?? []).forEach((a, i) => {
    for (const [name, value] of Object.entries(a)) form.querySelector(`[data-arm="${i}"] [name="${name}"]`).value = value;
  });
  return [el("h1", {}, say("app-claim-title")), el("p", { class: "lead" }, say("app-claim-lead")), el("div", { class: "group claim" }, form)];
}

// numbers are what was typed.
function numbers(form) {
  const out = { Arms: [0, 1].map((n) => Object.fromEntries(Array.from(form.querySelectorAll(`[data-arm="${n}"] input`), (i) => [i.name, i.value.trim()]))) };
  for (const i of form.querySelectorAll(":scope > .field [name], :scope > .pair [name]")) out[i.name] = i.value.trim();
  state.claimTyped = out;
  return out;
}

// readClaim reads the numbers and shows what they can support.
export async function readClaim(request) {
  const a = await work("app-doing-read", () => ask("claim", { lang: language(), ...request }));
  if (!a) return;
  if (a.problems.length) {
    const list = document.getElementById("claim-problems");
    list.hidden = false;
    list.replaceChildren(...a.problems.map((p) => el("li", {}, p.text)));
    list.scrollIntoView({ block: "center" });
    return;
  }
  state.claim = { html: new TextDecoder().decode(a.out[0].data), data: a.out[0].data, yaml: a.yaml, lang: language() };
  show("read");
}
