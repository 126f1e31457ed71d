/**
 * Where the visitor writes: words, what they answer or change, the menu of commands, the samples. Sends through `acts`.
 */
import { createAttachments } from "./attachments.js";
import { el, icon } from "./dom.js";
import { fileUrl } from "./server.js";
import { summary, wordsOf } from "./store.js";

const samples = ["landscape", "portrait", "still_life", "cat"];
/** The text field grows up to this many pixels. */
const MAX_FIELD = 180;

export function createComposer({ store, acts }) {
  const $ = (id) => document.getElementById(id);
  const field = $("text");
  /** {kind: "reply" | "edit", message}, or undefined. */
  let about;
  let areSamplesOpen = true;
  let chosen = 0;
  const attachments = createAttachments({ box: $("attached"), store, onChange: () => drawField() });

  function drawField() {
    const hasFiles = attachments.files.length > 0;
    field.placeholder = about?.placeholder ||
      (hasFiles ? store.words.caption : store.words.message);
    field.style.setProperty("height", "auto");
    field.style.setProperty("height", `${Math.min(field.scrollHeight, MAX_FIELD)}px`);
    $("send").disabled = field.value.trim() === "" && !hasFiles;
    drawSamples(hasFiles);
    drawMenu();
  }

  function drawContext() {
    const bar = $("context");
    bar.hidden = about === undefined;
    if (!about) return;
    const { message, kind } = about;
    const photo = message.photo?.[0]?.file_id ?? message.document?.thumbnail?.file_id;
    bar.replaceChildren(
      icon(kind),
      photo ? el("img", { src: fileUrl(photo), alt: "" }) : "",
      el(
        "span",
        {},
        el(
          "b",
          {},
          kind === "edit"
            ? store.words.editing
            : store.words.replyTo(message.from?.first_name ?? ""),
        ),
        el("span", {}, summary(message, store.words)),
      ),
      el("button", {
        type: "button",
        class: "round",
        "aria-label": store.words.cancel,
        onclick: () => setAbout(undefined),
      }, icon("close")),
    );
  }

  function setAbout(next) {
    if (about?.kind === "edit") field.value = "";
    about = next;
    if (next?.kind === "edit") field.value = wordsOf(next.message).text;
    drawContext();
    drawField();
    if (next) field.focus();
  }

  function drawSamples(hasFiles) {
    const { words } = store;
    const box = $("samples");
    if (hasFiles) {
      const isEmpty = field.value.trim() === "";
      box.hidden = !isEmpty;
      box.replaceChildren(
        ...words.ideas.map((idea) =>
          el("button", { type: "button", class: "idea", onclick: () => put(idea) }, idea)
        ),
      );
      return;
    }
    box.hidden = about?.kind === "edit" || !areSamplesOpen;
    box.replaceChildren(
      el("span", { class: "samples-label" }, words.samples),
      ...samples.map((name) =>
        el("button", {
          type: "button",
          class: "sample",
          title: words.sampleNames[name],
          "aria-label": `${words.samples}: ${words.sampleNames[name]}`,
          dataset: { sample: name },
          onclick: () => takeSample(name),
        }, el("img", { src: `/pictures/${name}.jpg`, alt: "" }))
      ),
      el("button", {
        type: "button",
        class: "round small",
        "aria-label": words.close,
        onclick: () => {
          areSamplesOpen = false;
          drawField();
        },
      }, icon("close")),
    );
  }

  async function takeSample(name) {
    const response = await fetch(`/pictures/${name}.jpg`);
    attachments.add(
      [new File([await response.blob()], `${name}.jpg`, { type: "image/jpeg" })],
      "photo",
    );
    field.focus();
  }

  function put(text) {
    field.value = text;
    drawField();
    field.focus();
  }

  /** The commands that begin with what is written. */
  function matching() {
    const [, begun] = /^\/([a-z0-9_]*)$/i.exec(field.value) ?? [];
    return begun === undefined
      ? []
      : store.commands.filter(({ command }) => command.startsWith(begun));
  }

  function drawMenu() {
    const menu = $("command-menu");
    const fitting = matching();
    menu.hidden = fitting.length === 0;
    chosen = Math.min(chosen, Math.max(0, fitting.length - 1));
    menu.replaceChildren(...fitting.map(({ command, description, is_ephemeral }, index) =>
      el(
        "li",
        {
          id: `option-${command}`,
          role: "option",
          "aria-selected": String(index === chosen),
          onclick: () => take(command),
        },
        el("b", {}, `/${command}`),
        el("span", {}, description),
        is_ephemeral && icon("eye"),
      )
    ));
    menu.children[chosen]?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", menu.children[chosen]?.id ?? "");
  }

  /** In a group a command names its bot, as Telegram's apps do. */
  function take(command) {
    field.value = "";
    drawField();
    const isGroup = store.chatId === store.group.id;
    acts.command(isGroup ? `/${command}@${store.bot.username}` : `/${command}`);
  }

  async function submit() {
    const text = field.value;
    const { files, as } = attachments;
    if (text.trim() === "" && files.length === 0) return;
    const { kind, message } = about ?? {};
    const thumbnail = as === "file" && files.length === 1
      ? await attachments.thumbnail(files[0])
      : undefined;
    field.value = "";
    about = undefined;
    attachments.clear();
    drawContext();
    drawField();
    field.focus();
    if (kind === "edit") await acts.change(message, text);
    else await acts.send({ text, as, replyTo: message }, files, thumbnail);
  }

  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("input", () => {
    chosen = 0;
    drawField();
  });
  field.addEventListener("keydown", (event) => {
    const fitting = matching();
    if (fitting.length > 0 && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + fitting.length) % fitting.length;
      return drawMenu();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      return fitting.length > 0 ? take(fitting[chosen].command) : submit();
    }
    if (event.key === "ArrowUp" && field.value === "" && !about) {
      const last = store.entries(store.chatId).findLast(({ message }) =>
        message.from?.id === store.me && wordsOf(message).text !== "" && !message.forward_origin
      );
      if (last) setAbout({ kind: "edit", message: last.message });
    }
    if (event.key === "Escape") setAbout(undefined);
  });
  field.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    attachments.add(files, "photo");
  });
  $("menu").addEventListener("click", () => put(field.value.startsWith("/") ? "" : "/"));

  function toggleAttach(isOpen) {
    $("attach-menu").hidden = !isOpen;
    $("attach").setAttribute("aria-expanded", String(isOpen));
    if (isOpen) $("attach-menu").querySelector("button").focus();
  }
  $("attach").addEventListener("click", () => toggleAttach($("attach-menu").hidden));
  $("attach-menu").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    toggleAttach(false);
    $("attach").focus();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#attach, #attach-menu")) toggleAttach(false);
  });
  for (const [id, as] of [["pick-photos", "photo"], ["pick-files", "file"]]) {
    $(id).addEventListener("change", ({ target }) => {
      attachments.add(target.files, as);
      target.value = "";
      field.focus();
    });
  }

  function drawAttach() {
    const item = (name, label, act) =>
      el(
        "button",
        {
          type: "button",
          onclick: () => {
            toggleAttach(false);
            act();
          },
        },
        icon(name),
        label,
      );
    $("attach-menu").replaceChildren(
      item("photo", store.words.asPhoto, () => $("pick-photos").click()),
      item("file", store.words.asFile, () => $("pick-files").click()),
      item("start", store.words.samples, () => {
        areSamplesOpen = true;
        drawField();
      }),
    );
  }

  return {
    /** Draws all of it anew: another language. */
    draw() {
      drawAttach();
      attachments.draw();
      drawContext();
      drawField();
    },
    /** Another chat or person: what was begun is dropped. */
    reset() {
      setAbout(undefined);
      field.value = "";
      attachments.clear();
    },
    reply: (message, placeholder) => setAbout({ kind: "reply", message, placeholder }),
    edit: (message) => setAbout({ kind: "edit", message }),
    attach: (files, as) => {
      attachments.add(files, as);
      field.focus();
    },
  };
}
