/**
 * What Bot API 9.3 to 10.3 added, in the emulated Telegram: message drafts and ephemeral messages.
 */

import { InlineKeyboard } from "grammy";
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { rawCall } from "../../../lab/telegram/raw_call.ts";
import { setUp } from "./setup.ts";

Deno.test("sendMessageDraft shows a preview for thirty seconds, until a message or Stop", async () => {
  let time = 1_800_000_000_000;
  const { tg, ann, api, last } = await setUp({ limits: false, now: () => time });
  await using _ = tg;
  await api.sendMessageDraft(7, 1, "10 %", { can_stop: true });
  assert.equal(tg.draft(7)?.text, "10 %");
  time += 29_000;
  await api.sendMessageDraft(7, 1, "20 %", { can_stop: true });
  time += 29_000;
  assert.equal(tg.draft(7)?.text, "20 %");
  time += 1_001;
  assert.equal(tg.draft(7), undefined);

  await api.sendMessageDraft(7, 2, "30 %");
  assert.throws(() => ann.stopDraft(), /none with a Stop button/);
  await api.sendMessage(7, "done");
  assert.equal(tg.draft(7), undefined);

  await api.sendMessageDraft(7, 3, "40 %", { can_stop: true });
  ann.stopDraft();
  assert.deepEqual(last()?.stopped_message_generation, { chat: ann.privateChat, draft_id: 3 });
  await api.sendMessageDraft(7, 3, "50 %", { can_stop: true });
  assert.equal(tg.draft(7), undefined);
  await assert.rejects(api.sendMessageDraft(7, 0, "x"), /DRAFT_ID_INVALID/);
  tg.knows = { ...tg.knows, drafts: false };
  await assert.rejects(api.sendMessageDraft(7, 4, "x"), /404: Not Found: method not found/);
});

Deno.test("ephemeral messages are seen by one member, after a press of theirs, and edited by their own methods", async () => {
  let time = 1_800_000_000_000;
  const { tg, ann, bob, api, last } = await setUp({ limits: false, now: () => time });
  await using _ = tg;
  const group = tg.group({ id: -1001, title: "G", members: [ann, bob] });
  const reply_markup = new InlineKeyboard().text("Go", "go");
  const sent = await api.sendMessage(-1001, "press", { reply_markup });
  void ann.press(sent, "Go");
  const callback_query_id = last()?.callback_query?.id ?? "";
  const whisper = (receiver_user_id: number) =>
    api.sendMessage(-1001, "secret", {
      ephemeral_message_parameters: { receiver_user_id, callback_query_id },
      reply_markup,
    });
  const message: Message = await whisper(7);
  assert.equal(message.message_id, 0);
  assert.equal(message.receiver_user?.id, 7);
  const id = message.ephemeral_message_id ?? 0;
  assert.deepEqual(tg.ephemeral(group, ann).map(({ text }) => text), ["secret"]);
  assert.deepEqual(tg.ephemeral(group, bob), []);
  assert.equal(tg.messages(group).length, 1);
  await api.editEphemeralMessageText(-1001, 7, id, "other", { reply_markup });
  assert.deepEqual(tg.ephemeral(group, ann).map(({ text }) => text), ["other"]);
  void ann.press(tg.ephemeral(group, ann)[0] ?? message, "Go");
  const pressed = last()?.callback_query?.message;
  assert.deepEqual([pressed?.message_id, pressed?.ephemeral_message_id], [0, id]);
  await assert.rejects(whisper(8), /ephemeral/);
  time += 15_001;
  await assert.rejects(whisper(7), /ephemeral/);
  await api.deleteEphemeralMessage(-1001, 7, id);
  assert.deepEqual(tg.ephemeral(group, ann), []);
});

Deno.test("an ephemeral command is seen by the bot alone, which may whisper back to it", async () => {
  const { tg, ann, api, last } = await setUp();
  await using _ = tg;
  const group = tg.group({ id: -1001, title: "G", members: [ann] });
  await api.setMyCommands([{ command: "settings", description: "s", is_ephemeral: true }]);
  ann.sendText("/settings", { chat: group });
  const id = last()?.message?.ephemeral_message_id;
  assert.deepEqual([last()?.message?.message_id, typeof id], [0, "number"]);
  assert.deepEqual(tg.messages(group), []);
  await api.sendMessage(-1001, "yours", {
    ephemeral_message_parameters: { receiver_user_id: 7 },
    reply_parameters: { ephemeral_message_id: id ?? 0 },
  });
  assert.deepEqual(tg.ephemeral(group, ann).map(({ text }) => text), ["/settings", "yours"]);
});

Deno.test("a server that knows nothing of ephemeral messages sends them for all to see", async () => {
  const { tg, ann } = await setUp({ limits: false, knows: { ephemeral: false } });
  await using _ = tg;
  const group = tg.group({ id: -1001, title: "G", members: [ann] });
  const params = {
    chat_id: -1001,
    text: "secret?",
    ephemeral_message_parameters: { receiver_user_id: 7 },
  };
  assert.equal((await rawCall(tg, "sendMessage", params)).ok, true);
  assert.equal(tg.messages(group).length, 1);
  assert.equal((await rawCall(tg, "deleteEphemeralMessage")).error_code, 404);
});
