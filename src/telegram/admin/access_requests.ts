/**
 * Access requests: strangers get one sentence and a button, admins get the question and decide. Owns how often a stranger is
 * answered, so that no user can make the bot flood a chat. Does not know where roles are stored.
 */
import { getLogger } from "@logtape/logtape";
import { type Api, InlineKeyboard } from "grammy";
import type { CallbackQuery } from "grammy/types";
import { cut, type Text, textIn } from "../../i18n/mod.ts";
import { type ChatUser } from "../../jobs/mod.ts";
import { languages, messageOf } from "../../lib/mod.ts";
import { type Access, type Guest, type Role } from "../../users/mod.ts";
import { answer, answerCallback, type BotContext, type PressAnswer } from "../api/mod.ts";
import {
  type AccessAction,
  addPager,
  pageOf,
  type RoleButton,
  writeButton,
} from "../buttons/mod.ts";
import type { TellAdmins } from "./alerts.ts";
import { publishRole } from "./profile.ts";

const log = getLogger(["bot", "telegram", "admin"]);

/** A stranger is answered once in this time, a press apart. */
const answerEveryMs = 3_600_000;
/** Strangers that are remembered; the oldest are forgotten beyond it. */
const maxRemembered = 10_000;
/** Users and groups on one page of /users. */
const pageSize = 8;
/** Callback data of a stranger's own button. */
const askData = dataOf({ type: "ask" });

/** The role that a button gives; undefined removes the chat from the list. */
const roles: Readonly<Record<RoleButton, Role | undefined>> = {
  yes: "user",
  user: "user",
  no: "blocked",
  block: "blocked",
  admin: "admin",
  out: undefined,
};

export interface AccessRequestsDeps {
  readonly access: Access;
  readonly tellAdmins: TellAdmins;
  readonly api: Api;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface AccessRequests {
  /** True where the update may go on; otherwise it has been answered, or is not worth an answer. */
  admit(ctx: BotContext, isAddressed: boolean): Promise<boolean>;
  /** `/users`: who may what. */
  list(ctx: BotContext): Promise<void>;
  /** Does what the buttons of an admin ask for. */
  press(ctx: BotContext, chatUser: ChatUser, action: AccessAction): Promise<PressAnswer>;
}

export function createAccessRequests(
  { access, tellAdmins, api, now }: AccessRequestsDeps,
): AccessRequests {
  const answered = new Map<number, number>();

  /** True once an hour for each chat. */
  function mayAnswer(chatId: number): boolean {
    const last = answered.get(chatId) ?? -Infinity;
    if (now() - last < answerEveryMs) return false;
    answered.delete(chatId);
    answered.set(chatId, now());
    if (answered.size > maxRemembered) answered.delete(answered.keys().next().value!);
    return true;
  }

  /** The request is stored when the admins know of it: a kill in between has them asked twice, not never. */
  async function ask(ctx: BotContext, chatId: number): Promise<PressAnswer> {
    const name = nameOf(ctx);
    log.info("{name} ({chatId}) asks for access", { name, chatId });
    await tellAdmins(
      (text) => text.access.question({ name, id: chatId }),
      new InlineKeyboard()
        .text("✓", dataOf({ type: "role", role: "yes", chatId })).success()
        .text("✗", dataOf({ type: "role", role: "no", chatId })).danger(),
    );
    await access.ask({ id: chatId, name, language: ctx.language });
    await ctx.editMessageText(ctx.text.access.asked);
    return {};
  }

  /** Tells a guest what was decided, in its own language. */
  async function tell(guest: Guest, sentence: (text: Text) => string): Promise<void> {
    const language = languages.find((known) => known === guest.language) ?? "en";
    await api.sendMessage(guest.id, sentence(textIn(language))).catch((error) =>
      log.info("Cannot notify {id}: {error}", { id: guest.id, error: messageOf(error) })
    );
  }

  async function decide(ctx: BotContext, id: number, role: Role | undefined): Promise<boolean> {
    const by = ctx.from?.id ?? 0;
    const isKnown = await access.decide(id, role, by, async (guest) => {
      answered.delete(id);
      if (role === "user" && guest.role === undefined) await tell(guest, (t) => t.access.granted);
      if (role === "blocked" && guest.role === undefined) {
        await tell(guest, (t) => t.access.refused);
      }
      if (role === undefined) await tell(guest, (t) => t.access.revoked);
      if (role === "admin") await tell(guest, (t) => t.access.appointed);
      if (role === "admin" || guest.role === "admin") {
        await publishRole(api, id, { isAdmin: role === "admin" });
      }
    });
    if (isKnown) {
      log.info("The role of {id} is {role} now", {
        audit: "access",
        id,
        role: role ?? "nobody",
        by,
      });
    }
    return isKnown;
  }

  async function pageView(ctx: BotContext, wanted: number) {
    const guests = await access.guests();
    const shown = pageOf(guests, wanted, pageSize);
    const keyboard = new InlineKeyboard();
    const { access: text } = ctx.text;
    for (const { id, name, role } of shown.entries) {
      const data = dataOf({ type: "show", chatId: id });
      keyboard.text(`${roleSign(role)} ${cut(name, 24)}`, data).row();
    }
    addPager(keyboard, shown, (page) => dataOf({ type: "list", page }));
    return { text: guests.length === 0 ? text.nobody : text.list, keyboard };
  }

  async function showGuest(ctx: BotContext, id: number): Promise<boolean> {
    const guest = (await access.guests()).find((known) => known.id === id);
    if (!guest) return false;
    const { access: text } = ctx.text;
    const keyboard = new InlineKeyboard();
    const add = (label: string, role: RoleButton) =>
      keyboard.text(label, dataOf({ type: "role", role, chatId: id }));
    if (guest.role !== "user") add(text.makeUser, "user").success();
    if (guest.role !== "admin" && id > 0) add(text.makeAdmin, "admin");
    keyboard.row();
    if (guest.role !== "blocked") add(text.block, "block").danger();
    add(text.remove, "out").row().text(text.back, dataOf({ type: "list", page: 0 }));
    await ctx.editMessageText(text.guest({ name: guest.name, id, role: guest.role }), {
      reply_markup: keyboard,
    });
    return true;
  }

  return {
    async admit(ctx, isAddressed) {
      const { from, chat } = ctx;
      if (!from || !chat) return false;
      // A press is its user's, also where they act for the group.
      const standing = await access.levelOf(ctx.callbackQuery ? from.id : ctx.sender, chat.id);
      if (standing.type !== "stranger") return standing.type !== "blocked";
      if (!isAddressed) return false;
      if (ctx.callbackQuery) {
        if (isForged(ctx.callbackQuery)) return false;
        if (ctx.callbackQuery.data === askData) {
          const { waiting } = ctx.text.access;
          await answerCallback(ctx, standing.asked ? { text: waiting } : await ask(ctx, chat.id));
        } else if (mayAnswer(from.id)) await answerCallback(ctx, { text: ctx.text.access.closed });
        return false;
      }
      if (!mayAnswer(chat.id)) return false;
      if (standing.asked) await answer(ctx, ctx.text.access.waiting);
      else {
        await answer(ctx, ctx.text.access.closed, {
          keyboard: new InlineKeyboard().text(ctx.text.access.ask, askData).primary(),
        });
      }
      return false;
    },

    async list(ctx) {
      const { text, keyboard } = await pageView(ctx, 0);
      await answer(ctx, text, { keyboard });
    },

    async press(ctx, chatUser, action) {
      if (!await access.isAdmin(chatUser.userId)) {
        return { text: ctx.text.access.adminsOnly, isAlert: true };
      }
      if (action.type === "list") {
        const { text, keyboard } = await pageView(ctx, action.page);
        await ctx.editMessageText(text, { reply_markup: keyboard });
        return {};
      }
      const role = action.type === "role" ? action.role : undefined;
      if (
        action.type === "ask" ||
        action.type === "role" && !await decide(ctx, action.chatId, roles[action.role])
      ) {
        return { text: ctx.text.stale };
      }
      if (role === "yes" || role === "no") {
        const decided = role === "yes" ? ctx.text.access.approved : ctx.text.access.declined;
        await ctx.editMessageText(`${ctx.msg?.text ?? ""}\n${decided}`);
      } else if (role === "out" || !await showGuest(ctx, action.chatId)) {
        const { text, keyboard } = await pageView(ctx, 0);
        await ctx.editMessageText(text, { reply_markup: keyboard });
      }
      return {};
    },
  };
}

/**
 * True for a press of a button that its message does not have: a client can send any data, only the message comes from
 * Telegram. On a message that Telegram no longer has (date 0, Bot API's InaccessibleMessage) a stranger may still press their own button.
 */
function isForged({ message, data }: CallbackQuery): boolean {
  if (!message || message.date === 0) return !message || data !== askData;
  const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
  return !buttons.some((button) => "callback_data" in button && button.callback_data === data);
}

/** A user's name, or a group's title with the name of the member who asks. */
function nameOf(ctx: BotContext): string {
  const { from, chat } = ctx;
  const user = [from?.first_name, from?.last_name].filter(Boolean).join(" ") +
    (from?.username ? ` (@${from.username})` : "");
  return cut(
    chat && chat.type !== "private" && "title" in chat ? `${chat.title} ← ${user}` : user,
    64,
  );
}

function dataOf(action: AccessAction): string {
  return writeButton({ type: "access", action });
}

function roleSign(role: Role | undefined): string {
  return { admin: "★", user: "✓", blocked: "⛔", none: "…" }[role ?? "none"];
}
