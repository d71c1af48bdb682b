// Elements are made here and nowhere else. Text becomes text, never markup.

// el makes an element: attributes by name, on… for events, class for className, and
// children that are nodes or texts.
export function el(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else if (name in valueNames) e[name] = value;
    else e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.flat(3).filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

// valueNames are set as what an element holds, not as attributes.
const valueNames = { value: 1, checked: 1, selected: 1 };

let lastId = 0;

// newId is an id that no other element has.
export function newId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

// labeled is an input below its label, with what explains it.
export function labeled(label, input, why) {
  const id = input.id || newId("field");
  input.id = id;
  const parts = [el("label", { for: id }, label)];
  if (why) {
    input.setAttribute("aria-describedby", `${id}-why`);
    parts.push(el("p", { class: "why", id: `${id}-why` }, why));
  }
  return el("div", { class: "field" }, ...parts, input);
}
