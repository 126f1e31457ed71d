/**
 * Who the visitor is, in which language, and the list of their chats; the head of the open chat.
 */
import { avatar, el } from "./dom.js";
import { summary } from "./store.js";
import { languages } from "./words.js";

export function createSidebar({ store, onPerson, onLanguage, onChat }) {
  const $ = (id) => document.getElementById(id);

  function drawPeople() {
    $("people").replaceChildren(...store.people.map((person) => {
      const unread = [person.id, store.group.id].reduce(
        (sum, chat) => sum + store.unread(person.id, chat),
        0,
      );
      return el(
        "button",
        {
          type: "button",
          "aria-pressed": String(person.id === store.me),
          dataset: { person: person.id },
          onclick: () => onPerson(person.id),
        },
        avatar({ id: person.id, name: person.first_name, kind: "person" }),
        el(
          "span",
          {},
          el("b", {}, person.first_name),
          el("small", {}, person.isAdmin ? store.words.admin : store.words.guest),
        ),
        person.id !== store.me && unread > 0 && el("em", { class: "badge" }, unread),
      );
    }));
  }

  function drawLanguages() {
    $("languages").replaceChildren(...languages.map((language) =>
      el("button", {
        type: "button",
        "aria-pressed": String(language === store.words.code),
        onclick: () => onLanguage(language),
      }, language.toUpperCase())
    ));
  }

  function drawChats() {
    $("chats").replaceChildren(...store.chats.map((chat) => {
      const { last } = chat;
      const from = last?.message.from;
      const sender = chat.kind === "group" && from && from.id !== store.me
        ? `${from.first_name}: `
        : "";
      const line = chat.isBusy
        ? chat.subtitle
        : last
        ? sender + summary(last.message, store.words)
        : "";
      return el(
        "li",
        {},
        el(
          "button",
          {
            type: "button",
            class: "chat-row",
            "aria-current": chat.id === store.chatId ? "true" : undefined,
            onclick: () => onChat(chat.id),
          },
          avatar({ id: chat.id, name: chat.name, kind: chat.kind }),
          el(
            "span",
            { class: "chat-about" },
            el(
              "span",
              { class: "chat-line" },
              el("b", {}, chat.name),
              el("time", {}, last ? store.words.time(last.message.date) : ""),
            ),
            el(
              "span",
              { class: "chat-line" },
              el("span", { class: `chat-last ${chat.isBusy ? "busy" : ""}` }, line),
              chat.unread > 0 && el("em", { class: "badge" }, chat.unread),
            ),
          ),
        ),
      );
    }));
  }

  function drawHead() {
    const chat = store.chat(store.chatId);
    $("chat-avatar").replaceChildren(avatar({ id: chat.id, name: chat.name, kind: chat.kind }));
    $("chat-title").textContent = chat.name;
    $("chat-subtitle").textContent = chat.subtitle;
    $("chat-subtitle").classList.toggle("busy", chat.isBusy);
  }

  return {
    draw() {
      if (!store.bot) return;
      const focused = document.activeElement?.closest("#people, #languages, #chats");
      const index = focused
        ? [...focused.querySelectorAll("button")].indexOf(document.activeElement)
        : -1;
      drawPeople();
      drawLanguages();
      drawChats();
      drawHead();
      if (index >= 0) focused.querySelectorAll("button")[index]?.focus();
    },
  };
}
