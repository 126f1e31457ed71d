/**
 * Making elements. Text is only ever set as text: nothing that a user wrote becomes HTML.
 */

/**
 * An element with its properties and children. Properties: `class`, `dataset` (an object), `onX` (a listener), booleans (an
 * attribute that is there or not), anything else an attribute; undefined and null are left out. Children: nodes, strings,
 * and undefined, null or false, which are left out.
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2).toLowerCase(), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(
    ...children.flat(3).filter((child) => child !== undefined && child !== null && child !== false),
  );
  return element;
}

const paths = {
  attach:
    "M20.5 11.5 12 20a5.2 5.2 0 0 1-7.4-7.4l8.6-8.5a3.5 3.5 0 0 1 4.9 5l-8.5 8.4a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8",
  send:
    "M4.5 12 3 4.2c-.1-.6.5-1 1-.8l16.4 7.9c.6.3.6 1.1 0 1.4L4 20.6c-.5.2-1.1-.2-1-.8L4.5 12Zm0 0h7",
  back: "M19 12H5m6.5-6.5L5 12l6.5 6.5",
  down: "m5.5 9 6.5 6.5L18.5 9",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M9.5 6 4 11.5 9.5 17M4.5 11.5H14a6 6 0 0 1 6 6V19",
  forward: "M14.5 6l5.5 5.5L14.5 17M19.5 11.5H10a6 6 0 0 0-6 6V19",
  edit: "M4 20h4L19.4 8.6a2.1 2.1 0 0 0 0-3l-1-1a2.1 2.1 0 0 0-3 0L4 16v4Zm9.5-13.5 4 4",
  remove: "M5 7h14M10 7V4.5h4V7m-7.5 0 .8 12.5h9.4L17.5 7M10.5 11v5M13.5 11v5",
  photo:
    "M6 4.5h12A2.5 2.5 0 0 1 20.5 7v10a2.5 2.5 0 0 1-2.5 2.5H6A2.5 2.5 0 0 1 3.5 17V7A2.5 2.5 0 0 1 6 4.5Zm-2 12 5-5 4 4 2.5-2.5 4.5 4.5M15 9.5h.01",
  file:
    "M13.5 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5l-5-5Zm0 0v5h5",
  download: "M12 4v11m-5-4.5 5 5 5-5M5 20h14",
  copy:
    "M9 9V6a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-3M6 9h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2Z",
  link: "M8 16 16.5 7.5M9.5 7.5h7v7",
  eye:
    "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Zm12 0a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Z",
  stop: "M8 8h8v8H8z",
  behind: "M4 7h9m4 0h3M4 17h3m4 0h9M15 4.8v4.4M9 14.8v4.4",
  group:
    "M12.5 8.5a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0ZM2.5 19c.5-3.5 3-5.5 6.5-5.5s6 2 6.5 5.5M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.2c2 .8 3.2 2.5 3.5 4.8",
  info: "M12 11v5m0-8.5v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
  start: "M8 5.5v13l10.5-6.5z",
};

/** A line drawing, hidden from screen readers: whatever carries it has a label. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}

const hues = [
  "#f2749a",
  "#65aadd",
  "#ee7aae",
  "#6ec9cb",
  "#faa774",
  "#7bc862",
  "#a695e7",
  "#e17076",
];

/** A colour of its own for every id. */
export function colourOf(id) {
  return hues[Math.abs(id) % hues.length];
}

/** A round picture of a user, the bot or a group. */
export function avatar({ id, name, kind }) {
  const circle = el("span", { class: `avatar ${kind}`, "aria-hidden": "true" });
  if (kind === "bot") circle.append(icon("photo"));
  else if (kind === "group") circle.append(icon("group"));
  else circle.append(name.slice(0, 1));
  if (kind !== "bot") circle.style.setProperty("--hue", colourOf(id));
  return circle;
}

/** Whether the user at the page wants things to move. */
export function mayMove() {
  return !matchMedia("(prefers-reduced-motion: reduce)").matches;
}
