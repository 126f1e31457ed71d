/**
 * What the emulated Telegram takes and refuses of messages: sends, edits, deletions, buttons, reactions.
 */

import assert from "node:assert/strict";
import { rawCall } from "../../../lab/telegram/raw_call.ts";
import { setUp } from "./setup.ts";

Deno.test("sendMessage refuses what Telegram refuses, in its words", async () => {
  const { tg, refuses } = await setUp();
  await using _ = tg;
  const text = "hi";
  await refuses("sendMessage", { chat_id: 7 }, "Bad Request: message text is empty");
  await refuses("sendMessage", { text }, "Bad Request: chat_id is empty");
  await refuses("sendMessage", { chat_id: 10, text }, "Bad Request: chat not found");
  await refuses(
    "sendMessage",
    { chat_id: 7, text: "a".repeat(4097) },
    "Bad Request: message is too long",
  );
  await refuses(
    "sendMessage",
    { chat_id: 7, text: "<b>1</b>", parse_mode: "HTML" },
    "Bad Request: parse_mode is not emulated, give entities instead",
  );
  await refuses(
    "sendMessage",
    { chat_id: 7, text, reply_parameters: { message_id: 99 } },
    "Bad Request: message to be replied not found",
  );
  const carl = tg.person({ id: 9, first_name: "Carl" });
  await refuses(
    "sendMessage",
    { chat_id: 9, text },
    "Forbidden: bot can't initiate conversation with a user",
  );
  carl.sendText("/start");
  assert.equal((await rawCall(tg, "sendMessage", { chat_id: 9, text })).ok, true);
  carl.block();
  await refuses("sendMessage", { chat_id: 9, text }, "Forbidden: bot was blocked by the user");
  carl.unblock();
  assert.equal((await rawCall(tg, "sendMessage", { chat_id: 9, text })).ok, true);
});

Deno.test("sendMessage carries the replied-to message one level deep, and a quote of it", async () => {
  const { tg, ann, api } = await setUp();
  await using _ = tg;
  const first = ann.sendText("first words");
  const second = ann.sendText("second", { replyTo: first });
  const reply = await api.sendMessage(7, "third", {
    reply_parameters: { message_id: second.message_id },
  });
  assert.equal(reply.reply_to_message?.text, "second");
  assert.equal(reply.reply_to_message?.reply_to_message, undefined);
  const quoting = await api.sendMessage(7, "fourth", {
    reply_parameters: { message_id: first.message_id, quote: "words" },
  });
  assert.deepEqual(quoting.quote, { text: "words", position: 6, is_manual: true });
  const without = await api.sendMessage(7, "fifth", {
    reply_parameters: { message_id: 99, allow_sending_without_reply: true },
  });
  assert.equal(without.reply_to_message, undefined);
});

Deno.test("reply_markup holds buttons to 64 bytes of data, words to copy, links and styles", async () => {
  const { tg, refuses } = await setUp();
  await using _ = tg;
  const button = (fields: object) => ({
    chat_id: 7,
    text: "hi",
    reply_markup: { inline_keyboard: [[{ text: "b", ...fields }]] },
  });
  assert.equal(
    (await rawCall(tg, "sendMessage", button({ callback_data: "я".repeat(32) }))).ok,
    true,
  );
  await refuses(
    "sendMessage",
    button({ callback_data: "я".repeat(32) + "a" }),
    "Bad Request: BUTTON_DATA_INVALID",
  );
  await refuses(
    "sendMessage",
    button({ callback_data: "" }),
    "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
  );
  await refuses(
    "sendMessage",
    button({ url: "http://localhost/" }),
    "Bad Request: inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
  );
  await refuses(
    "sendMessage",
    button({ callback_data: "a", style: "pink" }),
    "Bad Request: can't parse inline keyboard button: invalid button style specified",
  );
  const good = { callback_data: "a", style: "danger" };
  assert.equal((await rawCall(tg, "sendMessage", button(good))).ok, true);
  assert.equal((await rawCall(tg, "sendMessage", button({ copy_text: { text: "42" } }))).ok, true);
  assert.deepEqual(tg.messages(7).at(-1)?.reply_markup?.inline_keyboard, [[
    { text: "b", copy_text: { text: "42" } },
  ]]);
});

Deno.test("editMessageText changes, refuses what is the same, and drops a keyboard that is not given again", async () => {
  const { tg, ann, api, refuses } = await setUp();
  await using _ = tg;
  const reply_markup = { inline_keyboard: [[{ text: "a", callback_data: "a" }]] };
  const sent = await api.sendMessage(7, "one", { reply_markup });
  const at = { chat_id: 7, message_id: sent.message_id };
  const notModified =
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";
  await refuses("editMessageText", { ...at, text: "one", reply_markup }, notModified);
  await api.editMessageText(7, sent.message_id, "one");
  assert.equal(tg.message(7, sent.message_id)?.reply_markup, undefined);
  await api.editMessageText(7, sent.message_id, "two", {
    entities: [{ type: "bold", offset: 0, length: 3 }],
  });
  await refuses(
    "editMessageText",
    { ...at, text: "two", entities: [{ type: "bold", offset: 0, length: 3 }] },
    notModified,
  );
  assert.ok(tg.message(7, sent.message_id)?.edit_date);
  await refuses(
    "editMessageText",
    { chat_id: 7, message_id: 99, text: "x" },
    "Bad Request: message to edit not found",
  );
  const theirs = ann.sendText("mine");
  await refuses(
    "editMessageText",
    { chat_id: 7, message_id: theirs.message_id, text: "x" },
    "Bad Request: message can't be edited",
  );
  const forced = await api.sendMessage(7, "answer", { reply_markup: { force_reply: true } });
  await refuses(
    "editMessageText",
    { chat_id: 7, message_id: forced.message_id, text: "x" },
    "Bad Request: message can't be edited",
  );
  await refuses(
    "editMessageCaption",
    { ...at, caption: "x" },
    "Bad Request: there is no caption in the message to edit",
  );
});

Deno.test("deleteMessage takes away the bot's messages and, in private, the user's, for 48 hours", async () => {
  let time = 1_800_000_000_000;
  const { tg, ann, api, refuses } = await setUp({ limits: false, now: () => time });
  await using _ = tg;
  const mine = await api.sendMessage(7, "mine");
  const theirs = ann.sendText("theirs");
  await api.deleteMessage(7, mine.message_id);
  await api.deleteMessages(7, [theirs.message_id, 99]);
  assert.deepEqual(tg.messages(7), []);
  const at = { chat_id: 7, message_id: mine.message_id };
  await refuses("deleteMessage", at, "Bad Request: message to delete not found");
  const group = tg.group({ id: -1001, title: "G", members: [ann] });
  const inGroup = ann.sendText("words", { chat: group });
  await refuses(
    "deleteMessage",
    { chat_id: -1001, message_id: inGroup.message_id },
    "Bad Request: message can't be deleted",
  );
  const old = await api.sendMessage(7, "old");
  time += 48 * 3_600_000 + 1000;
  await refuses(
    "deleteMessage",
    { chat_id: 7, message_id: old.message_id },
    "Bad Request: message can't be deleted for everyone",
  );
});

Deno.test("setMessageReaction sets one of Telegram's emoji on a message that is there", async () => {
  const { tg, ann, api, refuses } = await setUp();
  await using _ = tg;
  const sent = ann.sendText("hi");
  await api.setMessageReaction(7, sent.message_id, [{ type: "emoji", emoji: "👀" }]);
  assert.deepEqual(tg.reactions(sent), [{ type: "emoji", emoji: "👀" }]);
  const at = { chat_id: 7, message_id: sent.message_id };
  await refuses(
    "setMessageReaction",
    { ...at, reaction: [{ type: "emoji", emoji: "🖼" }] },
    "Bad Request: REACTION_INVALID",
  );
  await refuses(
    "setMessageReaction",
    { chat_id: 7, message_id: 99, reaction: [] },
    "Bad Request: message to react not found",
  );
});
