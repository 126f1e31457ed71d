/** Which handler an update goes to, and when: route() with parts that only say that they were reached. */
import { Bot } from "grammy";
import type { Update } from "grammy/types";
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { type ChatUser } from "../../src/jobs/job.ts";
import type { BotContext } from "../../src/telegram/api/context.ts";
import { type Button, writeButton } from "../../src/telegram/buttons/callback_data.ts";
import { route, type RouteDeps } from "../../src/telegram/router.ts";
import { defaultUserSettings } from "../../src/users/settings.ts";

const ben = { id: 7, is_bot: false, first_name: "Ben", language_code: "en" };
const chat = { id: 7, type: "private", first_name: "Ben" } as const;

function press(update_id: number): Update {
  const message = { message_id: 1, date: 1, chat, from: ben };
  const query = {
    id: `${update_id}`,
    from: ben,
    chat_instance: "1",
    data: `s:7:idea:${update_id}`,
  };
  return { update_id, callback_query: { ...query, message } };
}

/** A bot whose calls are all taken. */
function openBot(): Bot<BotContext> {
  const botInfo = { ...ben, is_bot: true, username: "bot" } as never;
  const bot = new Bot<BotContext>("1:a", { botInfo });
  bot.api.config.use(() => Promise.resolve({ ok: true, result: true as never }));
  return bot;
}

Deno.test("presses come to their menu in the order in which they were made, though the store answers in another", async () => {
  const bot = openBot();
  const came: string[] = [];
  const ended = Promise.withResolvers<void>();
  let asked = 0;
  const deps = {
    erasure: { isErased: () => false },
    settings: {
      async user() {
        for (let turns = 10 - 3 * asked++; turns > 0; turns--) await pause(0);
        return { ...defaultUserSettings, heard: "en" };
      },
    },
    addresses: { settled: () => Promise.resolve() },
    senders: { senderOf: () => Promise.resolve(ben.id) },
    accessRequests: { admit: () => Promise.resolve(true) },
    settingsMenu: {
      press(_ctx: BotContext, _chatUser: ChatUser, button: Button) {
        if (came.push(writeButton(button)) === 3) ended.resolve();
        // None waits until another is drawn.
        return Promise.resolve({ show: () => ended.promise });
      },
    },
  };
  route(bot, deps as unknown as RouteDeps);
  await Promise.all([1, 2, 3].map((id) => bot.handleUpdate(press(id))));
  assert.deepEqual(came, ["s:7:idea:1", "s:7:idea:2", "s:7:idea:3"]);
});

for (const order of [["press", "words"], ["words", "press"], ["press", "words", "press"]]) {
  Deno.test(`presses and messages that come in one batch are handled as they came: ${order}`, async () => {
    const bot = openBot();
    const came: string[] = [];
    const deps = {
      erasure: { isErased: () => false },
      settings: { user: () => Promise.resolve({ ...defaultUserSettings, heard: "en" }) },
      addresses: { settled: () => Promise.resolve() },
      senders: { senderOf: () => Promise.resolve(ben.id) },
      accessRequests: { admit: () => Promise.resolve(true) },
      keptResults: { welcome: () => {} },
      settingsMenu: {
        async press() {
          await pause(5);
          came.push("press");
          return {};
        },
        async takeValue() {
          await pause(1);
          came.push("words");
          return true;
        },
      },
    };
    route(bot, deps as unknown as RouteDeps);
    const message = { message_id: 2, date: 1, chat, from: ben, text: "hello" };
    await Promise.all(
      order.map((what, id) =>
        bot.handleUpdate(what === "press" ? press(id) : { update_id: id, message })
      ),
    );
    assert.deepEqual(came, order);
  });
}

Deno.test("no user is let in or turned away while a group gets its new id", async () => {
  const botInfo = { ...ben, is_bot: true, username: "bot" } as never;
  const bot = new Bot<BotContext>("1:a", { botInfo });
  const moved = Promise.withResolvers<void>();
  const came: string[] = [];
  const deps = {
    erasure: { isErased: () => false },
    settings: { user: () => Promise.resolve({ ...defaultUserSettings, heard: "en" }) },
    addresses: {
      settled: () => moved.promise,
      move(from: number, to: number) {
        came.push(`${from} moves to ${to}`);
        return moved.promise;
      },
    },
    senders: { senderOf: () => Promise.resolve(ben.id) },
    accessRequests: {
      admit() {
        came.push("somebody is looked at");
        return Promise.resolve(false);
      },
    },
  };
  route(bot, deps as unknown as RouteDeps);
  const group = { id: -9, type: "supergroup", title: "Club" } as const;
  const message = { message_id: 1, date: 1, from: ben };
  const service = { ...message, chat: group, migrate_from_chat_id: -5 } as never;
  const words = { ...message, chat: group, text: "hello" } as never;
  const handled = [
    bot.handleUpdate({ update_id: 1, message: service }),
    bot.handleUpdate({ update_id: 2, message: words }),
  ];
  for (let turns = 0; turns < 20; turns++) await pause(0);
  assert.deepEqual(came, ["-5 moves to -9"]);
  moved.resolve();
  await Promise.all(handled);
  assert.deepEqual(came, ["-5 moves to -9", "somebody is looked at"]);
});
