import { el } from "./dom.js";

// The report comes as the HTML file that the library writes. Nothing of it is put into
// the page as markup: it is read into a document that runs nothing and loads nothing,
// and copied from there element by element, with the elements and attributes below
// and no others. Its style lives with it behind a shadow root.

const elements = new Set(("a aside b blockquote br caption circle clippath code col colgroup dd defs desc div dl dt ellipse em figcaption figure g h1 h2 h3 h4 h5 h6 " +
  "i img li line ol p path polygon polyline rect section span strong sub sup svg table tbody td text tfoot th thead title tr tspan ul use").split(" "));
const asDivision = new Set(["main", "header", "nav", "body"]);
const attributes = new Set(("alt aria-describedby aria-hidden aria-label aria-labelledby class colspan headers height id lang role rowspan scope " +
  "tabindex width x x1 x2 y y1 y2 cx cy r rx ry d dx dy points transform viewBox preserveAspectRatio fill fill-opacity fill-rule stroke stroke-opacity stroke-width " +
  "stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit opacity clip-path clip-rule clipPathUnits font-family font-size font-style font-weight text-anchor " +
  "textLength lengthAdjust dominant-baseline xml:space").split(" "));
const svg = "http://www.w3.org/2000/svg";

// copy makes a node anew; what is not on the lists stays behind.
function copy(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  const name = node.localName.toLowerCase();
  if (!elements.has(name) && !asDivision.has(name)) return null;
  const made = node.namespaceURI === svg ? document.createElementNS(svg, node.localName)
    : document.createElement(asDivision.has(name) ? "div" : name);
  for (const a of node.attributes) {
    if (attributes.has(a.name)) made.setAttribute(a.name, a.value);
    else if (a.name === "href" && a.value.startsWith("#")) made.setAttribute("href", a.value);
    else if (a.name === "src" && name === "img" && a.value.startsWith("data:image/png;base64,")) made.setAttribute("src", a.value);
  }
  if (name === "nav" || name === "header") made.classList.add(name);
  for (const child of node.childNodes) {
    const c = copy(child);
    if (c) made.append(c);
  }
  return made;
}

let fonts;

// showReport fills a host with a report. fold is what its supplement is opened by.
export function showReport(host, html, fold) {
  // The style is taken out first: the policy of this page refuses it in a document.
  let css = "";
  const parsed = new DOMParser().parseFromString(html.replace(/<style>([^<]*)<\/style>/g, (_, s) => { css += s; return ""; }), "text/html");
  const faces = css.match(/@font-face\s*\{[^}]*\}/g) ?? [];
  css = css.replace(/@font-face\s*\{[^}]*\}/g, "");
  // Fonts and pages are the document's, whatever root their rules stand in.
  const pages = css.match(/@page[^{]*\{(?:[^{}]|\{[^}]*\})*\}/g) ?? [];
  const outside = new CSSStyleSheet();
  outside.replaceSync(faces.concat(pages).join("\n"));
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== fonts).concat(outside);
  fonts = outside;
  const inside = new CSSStyleSheet();
  inside.replaceSync(css.replace(/:root/g, ":host").replace(/^(\s*)html\b/gm, "$1:host").replace(/^(\s*)body\b/gm, "$1.body")
    .replace(/^(\s*)nav\b/gm, "$1.nav").replace(/main:focus/g, ".body:focus"));
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [inside, own()];
  const body = el("div", { class: "body" });
  const banner = parsed.querySelector("body > header");
  if (banner) body.append(copy(banner));
  const main = parsed.querySelector("main");
  const parts = Array.from(main.childNodes, copy).filter(Boolean);
  body.append(...folded(parts, fold));
  root.replaceChildren(body);
  host.lang = parsed.documentElement.lang;
  host.style.setProperty("display", "block");
  root.addEventListener("click", (e) => {
    const link = e.target.closest?.("a[href^='#']");
    if (!link) return;
    e.preventDefault();
    const target = root.getElementById(link.getAttribute("href").slice(1));
    target?.closest("details")?.setAttribute("open", "");
    target?.scrollIntoView();
  });
  return body;
}

// folded puts what stands behind page one and the figures, the supplement, into one
// element that opens.
function folded(parts, fold) {
  let at = -1;
  parts.forEach((p, i) => { if (p.nodeType === Node.ELEMENT_NODE && p.querySelector?.(".figures")) at = i; });
  const sections = parts.map((p, i) => (p.localName === "section" && p.classList.contains("new-page") ? i : -1)).filter((i) => i >= 0);
  const begin = sections.find((i) => i > at) ?? -1;
  if (begin < 0) return parts;
  return [...parts.slice(0, begin), el("details", { class: "supplement" }, el("summary", {}, fold), ...parts.slice(begin))];
}

let ownStyle;

function own() {
  if (!ownStyle) {
    ownStyle = new CSSStyleSheet();
    ownStyle.replaceSync(`.body { max-width: none !important; padding: 0 !important; }
summary { cursor: pointer; font-weight: bold; padding: .6rem 0; font-size: 1.25rem; }
details.supplement { border-top: 1px solid var(--line); margin-top: 1.5rem; }
@media print { summary { display: none; } details.supplement::details-content { content-visibility: visible; } }`);
  }
  return ownStyle;
}
