import { el, labeled, newId } from "./dom.js";
import { say } from "./words.js";

// questionForm asks one of the questions that no file can answer.
export function questionForm(question, answer) {
  const id = newId("question");
  const group = el("fieldset", { class: "question" }, el("legend", {}, question.text));
  if (question.options.length) {
    const options = question.none ? [...question.options, "none"] : question.options;
    for (const o of options) {
      const name = o === "none" && question.none ? say("app-none") : o;
      group.append(el("button", { type: "button", class: "option", onclick: () => answer(question.id, o) }, name));
    }
    return group;
  }
  const input = el("input", { type: "text", autocomplete: "off" });
  const form = el("form", { onsubmit: (e) => { e.preventDefault(); answer(question.id, input.value); } },
    labeled(say("app-answer"), input), el("button", { type: "submit" }, say("app-answer-do")),
    question.none ? el("button", { type: "button", class: "option", onclick: () => answer(question.id, "none") }, say("app-none")) : null);
  group.append(form);
  group.id = id;
  return group;
}
