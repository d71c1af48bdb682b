// The page's own words: those of the library's catalog whose code begins with app-.

const words = JSON.parse(document.getElementById("words").textContent);
let lang = "en";

// languages are the codes of those there are, with their own names.
export const languages = Object.keys(words).map((code) => [code, words[code]["app-language-name"]]);

export function setLanguage(code) {
  if (words[code]) lang = code;
  document.documentElement.lang = lang;
  for (const e of document.querySelectorAll("[data-say]")) e.textContent = say(e.dataset.say);
  for (const e of document.querySelectorAll("[data-label]")) e.setAttribute("aria-label", say(e.dataset.label));
}

export const language = () => lang;

// say is the sentence of a code; {name} stands for an argument.
export function say(code, args = {}) {
  const sentence = words[lang][code] ?? words.en[code];
  if (sentence === undefined) throw new Error(`no words for ${code}`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(args[name]));
}

// number is a number in the language.
export const number = (x, digits = 0) => x.toLocaleString(lang, { maximumFractionDigits: digits });
