/**
 * The list of messages: keeps the elements in step with the store, moves what comes, changes and goes, and stays at the bottom
 * while the reader is there. Draws no message itself.
 */
import { el, mayMove } from "./dom.js";
import { keepMedia } from "./media.js";
import { drawDraft, drawUnit, kindOf } from "./message.js";
import { refOf } from "./server.js";

/** Nearer to the end than this, in pixels, the list follows new messages. */
const NEAR = 80;
/** Messages of one sender within this many seconds stand together. */
const RUN_S = 300;
const MOVE = { duration: 200, easing: "cubic-bezier(.2, .8, .2, 1)" };

export function createChatView({ store, acts, scroller, list, down }) {
  /** By unit key: {item, entries}. */
  let drawn = new Map();
  let place = "";
  let isPinned = true;
  let lastTop = 0;

  const context = () => ({ store, words: store.words, acts });

  function toEnd(behavior = "instant") {
    isPinned = true;
    scroller.scrollTo({ top: scroller.scrollHeight, behavior: mayMove() ? behavior : "instant" });
  }

  scroller.addEventListener("scroll", () => {
    const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    // A list that grows scrolls too, with its end out of sight: only a scroll up lets go of the end.
    isPinned = left < NEAR || (isPinned && scroller.scrollTop >= lastTop);
    lastTop = scroller.scrollTop;
    down.hidden = left < NEAR * 3;
  }, { passive: true });
  const follow = new ResizeObserver(() => isPinned && toEnd());
  follow.observe(list);
  follow.observe(scroller);
  down.addEventListener("click", () => toEnd("smooth"));
  list.addEventListener("click", (event) => {
    if (event.target.closest("button, a")) return;
    const item = event.target.closest(".message");
    for (const other of list.querySelectorAll(".picked")) {
      if (other !== item) other.classList.remove("picked");
    }
    item?.classList.toggle("picked");
  });

  /** Draws anew what has changed; `isLive` moves it. */
  function sync(isLive) {
    const here = `${store.me}:${store.chatId}:${store.words.code}`;
    const isElsewhere = here !== place;
    if (isElsewhere) {
      place = here;
      drawn = new Map();
      list.replaceChildren();
    }
    const moves = isLive && !isElsewhere && mayMove();
    const units = unitsOf(store.entries(store.chatId), store.chatId);
    const keys = new Set(units.map((unit) => unit.key));
    for (const [key, { item }] of drawn) {
      if (keys.has(key)) continue;
      drawn.delete(key);
      leave(item, moves);
    }
    let after;
    let lastDay = "";
    units.forEach((unit, index) => {
      const day = store.words.day(unit.date);
      after = day === lastDay ? after : placeDay(day, after);
      lastDay = day;
      const item = put(unit, moves);
      item.className = `${kindOf(unit, store)} ${runOf(units, index)} ${
        item.classList.contains("picked") ? "picked" : ""
      }`;
      moveAfter(item, after);
      after = item;
    });
    for (const old of list.querySelectorAll(".day")) {
      if (!old.dataset.used) old.remove();
      delete old.dataset.used;
    }
    syncEmpty(units.length === 0);
    syncDraft();
    if (isElsewhere) toEnd();
  }

  function put(unit, moves) {
    const known = drawn.get(unit.key);
    if (!known) {
      const item = el("li", { dataset: { key: unit.key } }, drawUnit(unit, context()));
      drawn.set(unit.key, { item, entries: unit.entries });
      if (moves) enter(item, unit);
      return item;
    }
    const isSame = known.entries.length === unit.entries.length &&
      known.entries.every((entry, index) => entry === unit.entries[index]);
    if (!isSame) {
      redraw(known.item, unit, moves);
      known.entries = unit.entries;
    }
    return known.item;
  }

  function enter(item, unit) {
    const isOwn = unit.entries[0].message.from?.id === store.me;
    queueMicrotask(() =>
      item.animate([
        { opacity: 0, transform: `translate(${isOwn ? 12 : -12}px, 10px) scale(.97)` },
        { opacity: 1, transform: "none" },
      ], MOVE)
    );
  }

  /** Takes the new drawing in place of the old; the height glides, the focus stays on the same button. */
  function redraw(item, unit, moves) {
    const before = item.querySelector(".stack");
    const height = before?.offsetHeight ?? 0;
    const focused = [...item.querySelectorAll(".key")].indexOf(document.activeElement);
    const fresh = drawUnit(unit, context());
    const holder = el("div", {}, fresh);
    if (before) keepMedia(before, holder);
    item.replaceChildren(...fresh);
    if (focused >= 0) item.querySelectorAll(".key")[focused]?.focus({ preventScroll: true });
    const now = item.querySelector(".stack");
    if (!moves || !now || now.offsetHeight === height) return;
    now.animate([{ height: `${height}px`, overflow: "clip" }, {
      height: `${now.offsetHeight}px`,
      overflow: "clip",
    }], MOVE);
  }

  function leave(item, moves) {
    if (!moves) return item.remove();
    item.classList.add("leaving");
    const height = `${item.offsetHeight}px`;
    item.animate([
      { height, opacity: 1, overflow: "clip" },
      { height, opacity: 0, overflow: "clip", transform: "scale(.96)", offset: 0.5 },
      { height: 0, opacity: 0, overflow: "clip", padding: 0, margin: 0 },
    ], { duration: 320, easing: "ease" }).finished.finally(() => item.remove());
  }

  function placeDay(day, after) {
    const known = [...list.querySelectorAll(".day")].find((item) => item.dataset.day === day);
    const item = known ?? el("li", { class: "day", dataset: { day } }, el("span", {}, day));
    item.dataset.used = "yes";
    moveAfter(item, after);
    return item;
  }

  /** Elements on their way out keep their place; they do not count. */
  function moveAfter(item, after) {
    let at = after ? after.nextElementSibling : list.firstElementChild;
    while (at?.classList.contains("leaving")) at = at.nextElementSibling;
    if (at === item) return;
    if (at) at.before(item);
    else list.append(item);
  }

  function syncDraft() {
    const draft = store.draft(store.chatId);
    const item = list.querySelector(".draft");
    if (!draft) return item && leave(item, mayMove() && drawn.size > 0);
    const inside = drawDraft(draft, context());
    const draftItem = item ?? el("li", { class: "unit message in draft run-first run-last" });
    draftItem.setAttribute("aria-live", "off");
    draftItem.replaceChildren(inside);
    if (list.lastElementChild !== draftItem) list.append(draftItem);
  }

  function syncEmpty(isEmpty) {
    list.querySelector(".empty")?.remove();
    if (!isEmpty || !store.bot) return;
    const { words } = store;
    const isGroup = store.chatId === store.group.id;
    list.append(el(
      "li",
      { class: "empty" },
      el("img", { src: "/page/icon.svg", alt: "" }),
      el("h2", {}, isGroup ? words.emptyGroupTitle : words.emptyTitle),
      el("p", {}, isGroup ? words.emptyGroupText : words.emptyText),
      !isGroup &&
        el(
          "button",
          { type: "button", class: "start", onclick: () => acts.command("/start") },
          words.start,
        ),
    ));
  }

  return {
    sync,
    syncDraft,
    toEnd,
    /** Scrolls to a message and lights it up, where it is still there. */
    jump(message) {
      const { chat, message_id } = refOf(message);
      const key = `${chat.id}:${message_id}`;
      for (const { item, entries } of drawn.values()) {
        if (!entries.some((entry) => entry.key === key)) continue;
        isPinned = false;
        item.scrollIntoView({ block: "center", behavior: mayMove() ? "smooth" : "instant" });
        item.classList.add("lit");
        setTimeout(() => item.classList.remove("lit"), 1_600);
        return true;
      }
      return false;
    },
  };
}

/** Messages, those of one album together. */
function unitsOf(entries, chatId) {
  const units = [];
  const albums = new Map();
  for (const entry of entries) {
    const album = entry.message.media_group_id;
    const known = album && albums.get(album);
    if (known) known.entries.push(entry);
    else {
      const unit = { key: entry.key, chatId, date: entry.message.date, entries: [entry] };
      units.push(unit);
      if (album) albums.set(album, unit);
    }
  }
  return units;
}

/** Whether a unit begins or ends a run of one sender. */
function runOf(units, index) {
  const joins = (one, other) =>
    one && other && one.entries[0].message.from?.id === other.entries[0].message.from?.id &&
    !one.entries[0].message.new_chat_members && !other.entries[0].message.new_chat_members &&
    Math.abs(other.date - one.date) < RUN_S;
  const isFirst = !joins(units[index - 1], units[index]);
  const isLast = !joins(units[index], units[index + 1]);
  return `${isFirst ? "run-first" : ""} ${isLast ? "run-last" : ""}`;
}
