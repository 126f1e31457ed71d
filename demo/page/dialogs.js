/**
 * What lies over the page for a moment: toasts, alerts, a picture in full, the choice of a chat.
 */
import { avatar, el, icon } from "./dom.js";

const TOAST_MS = 3_200;

/** A line at the bottom that goes by itself. */
export function toast(text, kind = "") {
  const line = el("p", { class: `toast ${kind}` }, text);
  document.getElementById("toasts").append(line);
  setTimeout(() => {
    line.classList.add("going");
    setTimeout(() => line.remove(), 250);
  }, TOAST_MS);
}

function open(dialog) {
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** What a bot has to say with `show_alert`. */
export function alertOf(text, words) {
  const dialog = el(
    "dialog",
    { class: "alert" },
    el("p", {}, text),
    el("form", { method: "dialog" }, el("button", { class: "flat", autofocus: true }, words.ok)),
  );
  open(dialog);
}

/** A picture over the whole page. */
export function showPicture(address, words) {
  const dialog = el(
    "dialog",
    { class: "viewer", "aria-label": words.photo },
    el("img", { src: address, alt: words.photo }),
    el(
      "form",
      { method: "dialog" },
      el("button", { class: "round", "aria-label": words.close, autofocus: true }, icon("close")),
    ),
  );
  dialog.firstElementChild.addEventListener("click", () => dialog.close());
  open(dialog);
}

/** Asks for one of the chats; resolves with its id, or undefined where it is closed. */
export function chooseChat(chats, words) {
  const { promise, resolve } = Promise.withResolvers();
  const dialog = el(
    "dialog",
    { class: "choice" },
    el("h2", {}, words.forwardTo),
    el(
      "div",
      {},
      chats.map((chat) =>
        el(
          "button",
          {
            type: "button",
            onclick: () => {
              resolve(chat.id);
              dialog.close();
            },
          },
          avatar({ id: chat.id, name: chat.name, kind: chat.kind }),
          el("span", {}, chat.name),
        )
      ),
    ),
    el("form", { method: "dialog" }, el("button", { class: "flat" }, words.cancel)),
  );
  dialog.addEventListener("close", () => resolve(undefined));
  open(dialog);
  return promise;
}
