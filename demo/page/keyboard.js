/**
 * Buttons under a message: their looks, and what a press does. Knows messages only as something to press on.
 */
import { el, icon } from "./dom.js";

/** Rows of buttons. `acts.press(message, data)` resolves when the bot has answered. */
export function keyboard(message, rows, acts) {
  return el(
    "div",
    { class: "keyboard" },
    rows.map((row) =>
      el("div", { class: "buttons" }, row.map((button) => keyOf(message, button, acts)))
    ),
  );
}

/** One button. Kinds that only Telegram's own apps can follow are shown and do nothing. */
function keyOf(message, button, acts) {
  const props = { class: `key ${button.style ?? ""}` };
  if (button.url !== undefined && /^https?:/i.test(button.url)) {
    return el("a", { ...props, href: button.url, target: "_blank", rel: "noopener noreferrer" }, [
      el("span", {}, button.text),
      icon("link"),
    ]);
  }
  const mark = button.copy_text ? icon("copy") : button.url ? icon("link") : undefined;
  const key = el(
    "button",
    { ...props, type: "button", disabled: !button.copy_text && button.callback_data === undefined },
    el("span", {}, button.text),
    mark,
  );
  key.addEventListener("click", async () => {
    if (button.copy_text) return acts.copy(button.copy_text.text);
    key.setAttribute("aria-busy", "true");
    try {
      await acts.press(message, button.callback_data);
    } finally {
      key.removeAttribute("aria-busy");
    }
  });
  return key;
}
