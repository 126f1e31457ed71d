/**
 * The demo page: wires the store, the server and the parts that draw. Owns what the visitor's acts do.
 */
import { createBehind } from "./behind.js";
import { createChatView } from "./chat_view.js";
import { createComposer } from "./composer.js";
import { alertOf, chooseChat, showPicture, toast } from "./dialogs.js";
import { icon } from "./dom.js";
import { act, follow, refOf, send } from "./server.js";
import { createSidebar } from "./sidebar.js";
import { Store } from "./store.js";
import { languages } from "./words.js";

/** Where the panel stands beside the chat instead of over it. */
const WIDE = matchMedia("(min-width: 1180px)");

const $ = (id) => document.getElementById(id);
const app = $("app");
const panel = $("behind");
const wanted = localStorage.getItem("language") ?? navigator.language.slice(0, 2);
const store = new Store(languages.includes(wanted) ? wanted : "en");
store.me = Number(sessionStorage.getItem("person"));

/** Tells what the server refuses instead of throwing it. */
async function trying(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message, "bad");
  }
}

const acts = {
  send: ({ text, as, replyTo }, files, thumbnail) =>
    trying(() =>
      send(
        { personId: store.me, chatId: store.chatId, text, as, replyTo: replyTo && refOf(replyTo) },
        files,
        thumbnail,
      )
    ),
  command: (text) => acts.send({ text, as: "photo" }, []),
  change: (message, text) =>
    trying(() => act("edit", { personId: store.me, message: refOf(message), text })),
  async press(message, data) {
    const press = await trying(() =>
      act("press", { personId: store.me, message: refOf(message), data })
    );
    if (!press) return;
    if (!press.answered) toast(store.words.noAnswer, "bad");
    else if (press.text && press.show_alert) alertOf(press.text, store.words);
    else if (press.text) toast(press.text);
  },
  stop: (draft) => trying(() => act("stop", { personId: store.me, chatId: draft.chatId })),
  remove: (messages) =>
    trying(() =>
      Promise.all(
        messages.map((message) => act("delete", { personId: store.me, message: refOf(message) })),
      )
    ),
  async forward(message) {
    const chatId = await chooseChat(store.chats, store.words);
    if (chatId === undefined) return;
    await trying(() => act("forward", { personId: store.me, message: refOf(message), chatId }));
    if (chatId !== store.chatId) store.look(chatId);
  },
  reply: (message) => composer.reply(message),
  edit: (message) => composer.edit(message),
  jump: (message) => view.jump(message) || toast(store.words.deleted),
  show: (address) => showPicture(address, store.words),
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      toast(store.words.copied);
    } catch {
      toast(store.words.cannotCopy, "bad");
    }
  },
};

const sidebar = createSidebar({
  store,
  onPerson: (id) => store.become(id),
  onLanguage: (language) => {
    localStorage.setItem("language", language);
    store.setLanguage(language);
  },
  onChat: (id) => {
    app.dataset.view = "chat";
    store.look(id);
  },
});
const view = createChatView({
  store,
  acts,
  scroller: $("scroller"),
  list: $("messages"),
  down: $("down"),
});
const composer = createComposer({ store, acts });
const behind = createBehind({
  store,
  panel,
  onTrouble: (order) => trying(() => act("trouble", order)),
  onClose: () => toggleBehind(false),
});

function toggleBehind(isOpen) {
  panel.hidden = !isOpen;
  app.classList.toggle("with-behind", isOpen);
  $("open-behind").setAttribute("aria-expanded", String(isOpen));
  localStorage.setItem("behind", isOpen ? "open" : "closed");
  behind.draw();
}

/** The sentences that stand in the HTML. */
function drawWords() {
  document.documentElement.lang = store.words.code;
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = store.words[element.dataset.word];
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", store.words[element.dataset.label]);
    if (element.matches(".round")) element.title = store.words[element.dataset.label];
  }
  $("drop").children[0].textContent = store.words.dropPhoto;
  $("drop").children[1].textContent = store.words.dropFile;
}

/** At most one drawing a frame, however much has changed. */
const stale = new Set();
function drawSoon(part) {
  if (stale.size === 0) {
    requestAnimationFrame(() => {
      const parts = new Set(stale);
      stale.clear();
      if (parts.has("messages")) view.sync(true);
      else if (parts.has("draft")) view.syncDraft();
      if (parts.has("side")) sidebar.draw();
      if (parts.has("behind")) behind.draw();
    });
  }
  stale.add(part);
}

store.on((change, detail) => {
  switch (change) {
    case "all":
    case "language":
      // The bot answers in the language of the visitor's Telegram.
      trying(() => act("language", { code: store.words.code }));
      drawWords();
      composer.draw();
      view.sync(false);
      sidebar.draw();
      behind.draw();
      break;
    case "place":
      sessionStorage.setItem("person", String(store.me));
      composer.reset();
      composer.draw();
      view.sync(false);
      sidebar.draw();
      break;
    case "messages":
      if (detail.chatId === store.chatId) drawSoon("messages");
      if (detail.sent?.message.from?.id === store.me && detail.chatId === store.chatId) {
        view.toEnd();
      }
      drawSoon("side");
      break;
    case "draft":
      if (detail.chatId === store.chatId) drawSoon("draft");
      break;
    case "asked":
      composer.reply(detail.entry.message, detail.entry.asking.placeholder);
      break;
    case "chats":
      drawSoon("side");
      break;
    case "behind":
      drawSoon("behind");
      break;
  }
});

for (
  const [id, name] of [["back", "back"], ["open-behind", "behind"], ["down", "down"], [
    "attach",
    "attach",
  ], ["send", "send"]]
) {
  $(id).append(icon(name));
}
$("notice").prepend(icon("info"));
$("back").addEventListener("click", () => app.dataset.view = "chats");
$("open-behind").addEventListener("click", () => toggleBehind(panel.hidden));
panel.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !WIDE.matches) toggleBehind(false);
});

/** Files dragged over the chat: the upper half takes them as photos, the lower one as files. */
const drop = $("drop");
$("chat").addEventListener("dragenter", (event) => {
  if (event.dataTransfer.types.includes("Files")) drop.hidden = false;
});
drop.addEventListener("dragover", (event) => event.preventDefault());
drop.addEventListener("dragleave", (event) => {
  if (!drop.contains(event.relatedTarget)) drop.hidden = true;
});
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.hidden = true;
  const as = event.target.dataset.as ?? "photo";
  if (event.dataTransfer.files.length > 0) composer.attach(event.dataTransfer.files, as);
});

drawWords();
toggleBehind(WIDE.matches && localStorage.getItem("behind") !== "closed");
follow({ onEvent: (event) => store.apply(event), onBreak: () => store.disconnected() });
