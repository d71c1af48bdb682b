import { el, labeled, newId } from "./dom.js";
import { say } from "./words.js";

// The form is a picture of the protocol: every answer is an edit of its text, after
// which the form is made anew from it.

// lists are the questions with several answers.
const lists = new Set(["outcomes", "keep", "data.rows"]);

// questionForm asks one of the questions that decide what the rest of the form is
// about: which columns are the participants, the arms, the visits, the outcomes.
export function questionForm(question, answer) {
  const group = el("fieldset", { class: "question open" }, el("legend", {}, question.text));
  const none = question.none ? el("button", { type: "button", class: "option", onclick: () => answer(question.id, "none") },
    say(question.id === "keep" ? "app-keep-all" : "app-none")) : null;
  if (lists.has(question.id)) {
    const boxes = question.options.map((o) => el("input", { type: "checkbox", value: o }));
    group.append(el("div", { class: "columns" }, boxes.map((b) => el("label", { class: "check" }, b, b.value))),
      el("button", { type: "button", class: "main", onclick: () => {
        const chosen = boxes.filter((b) => b.checked).map((b) => b.value);
        if (chosen.length) answer(question.id, chosen.join(","));
      } }, say("app-these")), none ?? "");
    return group;
  }
  for (const o of question.options) {
    group.append(el("button", { type: "button", class: "option", "data-option": o, onclick: () => answer(question.id, o) }, o));
  }
  if (none) group.append(none);
  return group;
}

// protocolForm shows the groups of the form. edit hears what is changed.
export function protocolForm(groups, edit) {
  return groups.filter((g) => g.fields.length).map((g, i) => { // the title stands open: the file's name is none
    const open = g.fields.filter((f) => f.open).length;
    const look = g.fields.filter((f) => f.check).length + (g.check ? 1 : 0);
    const status = open ? say("app-group-open", { n: open }) : look ? say("app-group-check", { n: look }) : say("app-group-done");
    return el("details", { class: open ? "group asks" : "group", open: i === 0 || open > 0 || look > 0, "data-group": g.title },
      el("summary", {}, el("span", { class: "name" }, g.title), el("span", { class: "status" }, status)),
      g.why ? el("p", { class: "why" }, g.why) : null,
      g.check ? el("p", { class: "checkit" }, say("app-check")) : null,
      g.fields.map((f) => field(f, edit)));
  });
}

function field(f, edit) {
  const make = kinds[f.kind] ?? kinds.text;
  const box = make(f, edit);
  box.classList.add("field");
  if (f.open) box.classList.add("open");
  if (f.check) box.append(el("p", { class: "checkit" }, say("app-check")));
  return box;
}

// set and drop are edits of one key.
const set = (f, text) => [{ path: f.path, text }];
const drop = (f) => [{ path: f.path, delete: true }];

const kinds = {
  text(f, edit) {
    const input = el("input", { type: "text", autocomplete: "off", "data-key": f.path, value: f.value,
      onchange: () => edit(input.value.trim() === "" && f.none ? drop(f) : set(f, input.value.trim())) });
    return labeled(f.label, input, f.why);
  },

  // What is typed and is no number is quoted, so that the protocol is refused there.
  number(f, edit) {
    const input = el("input", { type: "text", inputmode: "numeric", autocomplete: "off", size: 6, "data-key": f.path, value: f.value, onchange: () => {
      const typed = input.value.trim();
      edit(typed === "" && f.none ? drop(f) : [{ path: f.path, ...(/^\d+$/.test(typed) ? { yaml: typed } : { text: typed }) }]);
    } });
    return labeled(f.label, input, f.why);
  },

  "text-only"(f) {
    return el("div", {}, el("p", { class: "label" }, f.label), el("p", { class: "why" }, f.why));
  },

  choice(f, edit) {
    if (f.options.length > 8) return select(f, edit);
    return radios(f, (value) => edit(chosen(f, value)));
  },

  control(f, edit) {
    return radios(f, (value) => edit(f.options.map((o) => (o.value === value
      ? { path: `arms[${o.value}].control`, yaml: "true" } : { path: `arms[${o.value}].control`, delete: true }))));
  },

  list(f, edit) {
    const list = (chosen) => (chosen.length || f.none ? `[${chosen.map((b) => JSON.stringify(b.value)).join(", ")}]` : "?");
    const boxes = f.options.map((o) => el("input", { type: "checkbox", "data-key": `${f.path}=${o.value}`, value: o.value, checked: f.values.includes(o.value),
      onchange: () => edit([{ path: f.path, yaml: list(boxes.filter((b) => b.checked)) }]) }));
    return el("fieldset", {}, el("legend", {}, f.label), f.why ? el("p", { class: "why" }, f.why) : null,
      el("div", { class: "columns" }, boxes.map((b, i) => el("label", { class: "check" }, b, f.options[i].label))),
      f.open && f.none ? el("button", { type: "button", class: "option", "data-key": `${f.path}=`, onclick: () => edit(drop(f)) }, say("app-missing-none")) : null);
  },

  range(f, edit) {
    const [low, high] = [0, 1].map((i) => el("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 6, "data-key": `${f.path}${i}`,
      "aria-label": `${f.label}: ${say(i ? "app-range-high" : "app-range-low")}`, value: f.values[i] ?? "", onchange: () => {
        const [a, b] = [low, high].map((x) => decimal(x.value));
        if (a !== null && b !== null) edit([{ path: f.path, yaml: `[${a}, ${b}]` }]);
        else if (low.value.trim() + high.value.trim() === "" && !f.missing) edit(drop(f));
      } }));
    return el("fieldset", {}, el("legend", {}, f.label), f.why ? el("p", { class: "why" }, f.why) : null,
      el("div", { class: "pair" }, low, el("span", {}, say("app-range-to")), high,
        f.open ? el("button", { type: "button", class: "option", "data-key": `${f.path}=`, onclick: () => edit(drop(f)) }, say("app-range-none")) : null));
  },

  threshold(f, edit) {
    const value = el("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 6, "data-key": f.path, value: f.value, onchange: () => put() });
    const source = el("input", { type: "text", autocomplete: "off", "data-key": `${f.path}.source`, value: f.more, onchange: () => put() });
    const put = () => {
      const x = decimal(value.value);
      if (x === null) return;
      const by = source.value.trim();
      edit([{ path: f.path, yaml: `[{kind: MCID, value: ${x}, level: individual${by ? `, source: ${JSON.stringify(by)}` : ""}}]` }]);
    };
    return el("fieldset", {}, el("legend", {}, f.label), f.why ? el("p", { class: "why" }, f.why) : null,
      el("div", { class: "pair" }, labeled(say("app-threshold-value"), value), labeled(say("app-threshold-source"), source)),
      f.missing ? null : el("button", { type: "button", class: "option", "data-key": `${f.path}=`, onclick: () => edit(drop(f)) }, say("app-threshold-none")));
  },

  planned(f, edit) {
    return el("fieldset", {}, el("legend", {}, f.label), el("ul", { class: "plans" }, f.options.map((o) => el("li", {}, el("span", {}, o.label),
      f.options.length > 1 ? el("button", { type: "button", class: "small", "data-key": `plans=${o.value}`, "aria-label": say("app-plan-drop-one", { name: o.label }),
        onclick: () => edit([{ path: `plans[${o.value}]`, delete: true }]) }, say("app-plan-drop")) : null))));
  },

  // A comparison is primary only together with where and when it was registered.
  primary(f, edit) {
    const where = el("input", { type: "text", autocomplete: "off", "data-key": "primary.where", value: f.values[0] ?? "", onchange: () => put() });
    const date = el("input", { type: "date", "data-key": "primary.date", value: f.values[1] ?? "", onchange: () => put() });
    const which = el("select", { "data-key": "primary", onchange: () => put() }, f.options.map((o) => el("option", { value: o.value, selected: o.value === f.value }, o.label)));
    const put = () => {
      const clear = f.options.filter((o) => o.value !== "" && o.value !== which.value)
        .flatMap((o) => ["primary", "registered"].map((k) => ({ path: `plans[${o.value}].${k}`, delete: true })));
      if (which.value === "") {
        if (f.value !== "") edit(clear);
        return;
      }
      if (where.value.trim() === "" || date.value === "") return;
      edit([...clear, { path: `plans[${which.value}].primary`, yaml: "true" },
        { path: `plans[${which.value}].registered`, yaml: `{where: ${JSON.stringify(where.value.trim())}, date: ${date.value}}` }]);
    };
    return el("div", {}, labeled(f.label, which, say("app-primary-why")),
      el("div", { class: "pair" }, labeled(say("app-primary-where"), where), labeled(say("app-primary-date"), date)));
  },
};

// decimal reads a number with a point or a comma; null is none.
function decimal(s) {
  const x = s.trim().replace(",", ".").replace("−", "-");
  return /^-?\d+(\.\d+)?$/.test(x) ? x : null;
}

// chosen are the edits of a choice: some bring other keys with them.
function chosen(f, value) {
  if (f.path === "randomization") return allocated(f, value);
  if (f.path.endsWith(".instrument")) {
    const of = f.path.slice(0, -"instrument".length);
    const known = ["range", "unit", "resolution", "better", "thresholds", "condition"].map((k) => ({ path: of + k, delete: true }));
    if (value !== "") return [...known, { path: f.path, text: value }];
    return [...known.slice(-1), { path: f.path, delete: true }, { path: `${of}better`, yaml: "?" }];
  }
  if (value === "" && f.none) return drop(f);
  return set(f, value);
}

// allocated are the edits of another way to allocate: what belongs to the old one goes.
function allocated(f, value) {
  const needs = { blocked: "{kind: blocked, block: unknown}", stratified: "{kind: stratified, strata: ?}" };
  if (f.missing) return [{ path: f.path, yaml: needs[value] ?? `{kind: ${value}}` }];
  const key = (name, yaml) => ({ path: `${f.path}.${name}`, ...(yaml ? { yaml } : { delete: true }) });
  const edits = [key("kind", value)];
  if (value === "blocked" && !f.more) edits.push(key("block", "unknown"));
  if (value === "stratified" && !f.values.length) edits.push(key("strata", "?"));
  if (value !== "stratified") edits.push(...["strata", "cross", "small", "reason"].map((name) => key(name)));
  if (value === "unknown" || value === "complete") edits.push(key("block"), key("column"));
  return edits;
}

function select(f, edit) {
  const input = el("select", { "data-key": f.path, onchange: () => edit(chosen(f, input.value)) },
    f.options.map((o) => el("option", { value: o.value, selected: o.value === f.value }, o.detail ? `${o.label} (${o.detail})` : o.label)));
  return labeled(f.label, input, f.why);
}

function radios(f, choose) {
  const name = newId("choice");
  return el("fieldset", {}, el("legend", {}, f.label), f.why ? el("p", { class: "why" }, f.why) : null,
    el("div", { class: f.options.some((o) => o.detail) ? "rows" : "columns" }, f.options.map((o) => {
      const input = el("input", { type: "radio", name, "data-key": `${f.path}=${o.value}`, checked: !f.open && o.value === f.value, onchange: () => choose(o.value) });
      return el("label", { class: "check" }, input, el("span", {}, o.label, o.detail ? el("span", { class: "detail" }, o.detail) : null));
    })));
}
