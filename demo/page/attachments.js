/**
 * The pictures and files that wait in the composer: chosen, pasted, dropped or taken from the samples. Owns their previews.
 */
import { el, icon } from "./dom.js";

/** As many as an album holds. */
const MAX_FILES = 10;
/** The longest side of a document's thumbnail, in pixels: Telegram's limit. */
const THUMBNAIL_SIDE = 320;

export function createAttachments({ box, store, onChange }) {
  /** {file, url}: `url` is undefined for what is no picture. */
  let items = [];
  let as = "photo";

  const isPicture = (file) => file.type.startsWith("image/");

  function draw() {
    const { words } = store;
    box.hidden = items.length === 0;
    const previews = items.map((item) =>
      el(
        "li",
        {},
        item.url && as === "photo" ? el("img", { src: item.url, alt: item.file.name }) : el(
          "span",
          { class: "waiting-file" },
          icon("file"),
          el("b", {}, item.file.name),
          el("small", {}, words.size(item.file.size)),
        ),
        el("button", {
          type: "button",
          class: "detach",
          "aria-label": words.detach(item.file.name),
          onclick: () => remove(item),
        }, icon("close")),
      )
    );
    const choice = (value, label, hint) =>
      el(
        "button",
        {
          type: "button",
          "aria-pressed": String(as === value),
          disabled: value === "photo" && !items.every(({ file }) => isPicture(file)),
          onclick: () => {
            as = value;
            draw();
          },
        },
        label,
        el("small", {}, hint),
      );
    box.replaceChildren(
      el("ul", { class: "waiting" }, previews),
      el(
        "div",
        { class: "as", role: "group", "aria-label": words.attach },
        choice("photo", words.asPhoto, words.asPhotoHint),
        choice("file", words.asFile, words.asFileHint),
      ),
    );
    onChange();
  }

  function remove(item) {
    if (item.url) URL.revokeObjectURL(item.url);
    items = items.filter((other) => other !== item);
    draw();
  }

  return {
    draw,
    get files() {
      return items.map(({ file }) => file);
    },
    get as() {
      return as;
    },
    /** Adds files; what is no picture makes all of them go as files. */
    add(files, wanted) {
      const added = [...files].slice(0, MAX_FILES - items.length);
      items = [
        ...items,
        ...added.map((file) => ({
          file,
          url: isPicture(file) ? URL.createObjectURL(file) : undefined,
        })),
      ];
      as = items.every(({ file }) => isPicture(file)) ? wanted : "file";
      draw();
    },
    clear() {
      for (const { url } of items) if (url) URL.revokeObjectURL(url);
      items = [];
      as = "photo";
      draw();
    },
    /** A small JPEG of a file that is a picture, as Telegram's apps make one; undefined for anything else. */
    async thumbnail(file) {
      if (!isPicture(file)) return undefined;
      const bitmap = await createImageBitmap(file).catch(() => undefined);
      if (!bitmap) return undefined;
      const scale = Math.min(1, THUMBNAIL_SIDE / Math.max(bitmap.width, bitmap.height));
      const canvas = el("canvas", {
        width: Math.max(1, Math.round(bitmap.width * scale)),
        height: Math.max(1, Math.round(bitmap.height * scale)),
      });
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
      return await new Promise((resolve) =>
        canvas.toBlob((blob) => resolve(blob ?? undefined), "image/jpeg", 0.8)
      );
    },
  };
}
