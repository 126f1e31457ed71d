/**
 * Pictures and files in a message: sizes, albums, thumbnails. Knows where files are, not who sent them.
 */
import { el, icon } from "./dom.js";
import { fileUrl } from "./server.js";

const MAX_WIDTH = 380;
const MAX_HEIGHT = 360;
const MIN_SIDE = 140;

/** The size of a photo to show where `width` pixels are wanted: the smallest that suffices, or the largest. */
function fitting(photo, width) {
  return photo.find((size) => size.width >= width) ?? photo.at(-1);
}

/** A photo that opens when it is pressed; its box has the picture's shape before the picture is there. */
export function photoOf(photo, { words, acts, hasSpoiler = false }) {
  const largest = photo.at(-1);
  const scale = Math.min(MAX_WIDTH / largest.width, MAX_HEIGHT / largest.height, 1.5);
  const button = el(
    "button",
    {
      type: "button",
      class: `photo ${hasSpoiler ? "hidden-photo" : ""}`,
      "aria-label": words.openPhoto,
      dataset: { media: largest.file_unique_id },
    },
    el("img", {
      src: fileUrl(fitting(photo, MAX_WIDTH * 1.5).file_id),
      alt: words.photo,
      draggable: "false",
    }),
  );
  button.style.setProperty("--width", `${Math.max(MIN_SIDE, Math.round(largest.width * scale))}px`);
  button.style.setProperty("--shape", `${largest.width} / ${largest.height}`);
  button.addEventListener("click", () => {
    if (button.classList.contains("hidden-photo")) button.classList.remove("hidden-photo");
    else acts.show(fileUrl(largest.file_id));
  });
  return button;
}

/** Photos of an album as a grid. */
export function albumOf(messages, context) {
  return el(
    "div",
    { class: `album of-${Math.min(messages.length, 5)}` },
    messages.map((message) =>
      photoOf(message.photo, { ...context, hasSpoiler: message.has_media_spoiler })
    ),
  );
}

/** A file with what it looks like, its name, its size, and a way to save it. */
export function documentOf(file, { words, acts }) {
  const name = file.file_name ?? words.file;
  const isPicture = /^image\/(png|jpeg|gif|webp)$/.test(file.mime_type ?? "");
  const look = file.thumbnail?.file_id ?? (isPicture ? file.file_id : undefined);
  const extension = /\.(\w{1,4})$/.exec(name)?.[1] ?? "";
  const picture = look
    ? el("button", {
      type: "button",
      class: "file-look",
      "aria-label": words.openPhoto,
      onclick: () => acts.show(fileUrl(isPicture ? file.file_id : look)),
    }, el("img", { src: fileUrl(look), alt: "", draggable: "false" }))
    : el(
      "span",
      { class: "file-look", "aria-hidden": "true" },
      icon("file"),
      el("b", {}, extension),
    );
  return el(
    "div",
    { class: "file", dataset: { media: file.file_unique_id } },
    picture,
    el(
      "div",
      { class: "file-about" },
      el("span", { class: "file-name", title: name }, name),
      el(
        "span",
        { class: "file-size" },
        file.file_size === undefined ? "" : words.size(file.file_size),
      ),
    ),
    el("a", {
      class: "round file-save",
      href: fileUrl(file.file_id, name),
      download: name,
      "aria-label": `${words.download}: ${name}`,
      title: words.download,
    }, icon("download")),
  );
}

/**
 * Takes pictures that are still the same over from the old drawing of a message, and shows the old one beneath a new one until
 * that has loaded: an edit does not flicker.
 */
export function keepMedia(before, after) {
  for (const fresh of after.querySelectorAll("[data-media]")) {
    const same = before.querySelector(`[data-media="${CSS.escape(fresh.dataset.media)}"] img`);
    const image = fresh.querySelector("img");
    if (same && image && same.src === image.src) {
      image.replaceWith(same);
      continue;
    }
    const old = before.querySelector(".photo img");
    if (!old || !image || !fresh.classList.contains("photo")) continue;
    const ghost = old.cloneNode();
    ghost.className = "ghost";
    ghost.alt = "";
    image.before(ghost);
    image.classList.add("arriving");
    image.addEventListener("load", () => {
      image.classList.remove("arriving");
      setTimeout(() => ghost.remove(), 300);
    }, { once: true });
  }
}
