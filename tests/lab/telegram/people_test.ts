/**
 * What users do in the emulated Telegram and what the bot hears of it: words, pictures, groups, topics, presses.
 */

import { InlineKeyboard } from "grammy";
import { Image } from "imagescript";
import assert from "node:assert/strict";
import { readPicture } from "../../../lab/telegram/chat/pictures.ts";
import { png, setUp } from "./setup.ts";

Deno.test("sendText() reaches the bot with its entities", async () => {
  const { tg, ann, last } = await setUp();
  await using _ = tg;
  ann.sendText("/edit make it night");
  assert.deepEqual(last()?.message?.entities, [{ type: "bot_command", offset: 0, length: 5 }]);
  assert.equal(last()?.message?.from.id, 7);
});

Deno.test("sendPhoto() makes a JPEG within photoSide of anything else, and keeps a JPEG that fits", async () => {
  const { tg, ann } = await setUp({ photoSide: 100 });
  await using _ = tg;
  const { photo } = await ann.sendPhoto(await png(200, 100));
  const bytes = await tg.file(photo.at(-1)?.file_id ?? "");
  assert.deepEqual(readPicture(bytes), { format: "jpeg", width: 100, height: 50 });
  assert.equal(photo.at(-1)?.file_size, bytes.length);
  assert.deepEqual(photo.map(({ width }) => width), [90, 100]);
  const jpeg = await (await Image.decode(await png(60, 50))).encodeJPEG(90);
  const kept = await ann.sendPhoto(jpeg, { hasSpoiler: true });
  assert.deepEqual(await tg.file(kept.photo.at(-1)?.file_id ?? ""), jpeg);
  assert.equal(kept.has_media_spoiler, true);
  await assert.rejects(ann.sendPhoto(new Uint8Array(99)), /Cannot send a photo: 99 bytes/);
});

Deno.test("sendAlbum() comes as separate messages with one media_group_id", async () => {
  const { tg, ann } = await setUp();
  await using _ = tg;
  const album = await ann.sendAlbum([
    { photo: await png(9, 9), caption: "both" },
    { photo: await png(8, 8) },
  ]);
  assert.equal(album.length, 2);
  const updates = tg.unconfirmed.map(({ message }) => message);
  assert.deepEqual(updates.map((message) => message?.caption), ["both", undefined]);
  assert.ok(updates[0]?.media_group_id);
  assert.equal(updates[0].media_group_id, updates[1]?.media_group_id);
  await assert.rejects(ann.sendAlbum([{ photo: await png(9, 9) }]), /1 items \(wanted 2 to 10\)/);
});

Deno.test("editText() tells the bot of the changed message, a caption included", async () => {
  const { tg, ann, last } = await setUp();
  await using _ = tg;
  ann.editText(ann.sendText("one"), "two");
  assert.equal(last()?.edited_message?.text, "two");
  assert.ok(last()?.edited_message?.edit_date);
  ann.editText(await ann.sendPhoto(await png(9, 9), { caption: "a" }), "b");
  assert.equal(last()?.edited_message?.caption, "b");
  assert.deepEqual(tg.messages(7).map(({ text, caption }) => text ?? caption), ["two", "b"]);
});

Deno.test("forward() carries the photo and who sent it first", async () => {
  const { tg, ann, bob, last } = await setUp();
  await using _ = tg;
  const group = tg.group({ id: -1001, title: "G", members: [ann, bob] });
  const sent = await bob.sendPhoto(await png(9, 9), { chat: group });
  ann.forward(sent);
  const { message } = last() ?? {};
  assert.deepEqual(message?.photo, sent.photo);
  assert.equal(
    message?.forward_origin?.type === "user" && message.forward_origin.sender_user.id,
    8,
  );
});

Deno.test("message ids grow by supergroup, and over all private chats together", async () => {
  const { tg, ann, bob } = await setUp();
  await using _ = tg;
  const group = tg.group({ id: -1001, title: "G", members: [ann] });
  const ids = [
    ann.sendText("a"),
    bob.sendText("b"),
    ann.sendText("c", { chat: group }),
    ann.sendText("d"),
  ].map(({ message_id }) => message_id);
  assert.deepEqual(ids, [1, 2, 1, 3]);
});

Deno.test("in a group the bot hears commands, mentions and replies to it, or everything as an administrator", async () => {
  const { tg, ann, api } = await setUp();
  await using _ = tg;
  const chat = tg.group({ id: -1001, title: "G", members: [ann] });
  const heard = (say: () => void) => {
    const before = tg.unconfirmed.length;
    say();
    return tg.unconfirmed.length > before;
  };
  const mine = await api.sendMessage(-1001, "hello");
  assert.equal(heard(() => ann.sendText("just talking", { chat })), false);
  assert.equal(heard(() => ann.sendText("/status", { chat })), true);
  assert.equal(heard(() => ann.sendText("/status@other_bot", { chat })), false);
  assert.equal(heard(() => ann.sendText("hey @Test_Bot", { chat })), true);
  assert.equal(heard(() => ann.sendText("make it night", { chat, replyTo: mine })), true);
  const own = tg.group({ id: -1002, title: "H", members: [ann], botIsAdmin: true });
  assert.equal(heard(() => ann.sendText("just talking", { chat: own })), true);
  assert.throws(
    () => tg.person({ id: 9, first_name: "Eve" }).sendText("hi", { chat }),
    /no member/,
  );
});

Deno.test("forum topics: a user's message makes one, the bot answers into it and into no other", async () => {
  const { tg, ann, api, last } = await setUp();
  await using _ = tg;
  const chat = tg.group({ id: -1001, title: "F", members: [ann], forum: true });
  ann.sendText("/start", { chat, threadId: 5 });
  assert.equal(last()?.message?.message_thread_id, 5);
  const answer = await api.sendMessage(-1001, "hi", { message_thread_id: 5 });
  assert.deepEqual([answer.message_thread_id, answer.is_topic_message], [5, true]);
  await assert.rejects(
    api.sendMessage(-1001, "hi", { message_thread_id: 6 }),
    /message thread not found/,
  );
});

Deno.test("press() brings a callback_query with the message, and the bot's answer", async () => {
  const { tg, ann, api, last } = await setUp();
  await using _ = tg;
  const photo = await ann.sendText("a picture");
  const reply_markup = new InlineKeyboard().text("Go", "go:1").copyText("Copy", "42");
  const reply_parameters = { message_id: photo.message_id };
  const sent = await api.sendMessage(7, "press", { reply_markup, reply_parameters });
  const press = ann.press(sent, "Go");
  const query = last()?.callback_query;
  assert.deepEqual([query?.data, query?.from.id], ["go:1", 7]);
  assert.deepEqual(query?.message, tg.message(7, sent.message_id));
  await api.answerCallbackQuery(query?.id ?? "", { text: "on it" });
  const { answered, text, show_alert } = await press;
  assert.deepEqual({ answered, text, show_alert }, {
    answered: true,
    text: "on it",
    show_alert: false,
  });
  await assert.rejects(
    api.answerCallbackQuery(query?.id ?? ""),
    /query is too old and response timeout expired or query ID is invalid/,
  );
  assert.throws(() => ann.press(sent, "Stop"), /Cannot press "Stop": message 2 has "Go", "Copy"/);
  assert.throws(() => ann.press(sent, "Copy"), /handled by the client/);
});

Deno.test("press() may be forged, on a message that is gone too, and by any member of a group", async () => {
  const { tg, ann, bob, api, last } = await setUp();
  await using _ = tg;
  const sent = await api.sendMessage(7, "no buttons");
  void ann.press(sent, { data: "forged" });
  assert.equal(last()?.callback_query?.data, "forged");
  await api.deleteMessage(7, sent.message_id);
  void ann.press(sent, { data: "late" });
  assert.deepEqual(last()?.callback_query?.message, {
    chat: ann.privateChat,
    message_id: sent.message_id,
    date: 0,
  });
  tg.group({ id: -1001, title: "G", members: [ann, bob] });
  const reply_markup = new InlineKeyboard().text("Go", "go");
  const inGroup = await api.sendMessage(-1001, "for Ann", { reply_markup });
  void bob.press(inGroup, "Go");
  assert.equal(last()?.callback_query?.from.id, 8);
});

Deno.test("press() resolves unanswered when the bot says nothing in time, and a late answer is refused", async () => {
  const { tg, ann, api, last } = await setUp({ queryTtlMs: 1 });
  await using _ = tg;
  const sent = await api.sendMessage(7, "press");
  assert.equal((await ann.press(sent, { data: "x" })).answered, false);
  await assert.rejects(
    api.answerCallbackQuery(last()?.callback_query?.id ?? ""),
    /query is too old/,
  );
});

Deno.test("block() tells the bot, and push() brings any update and makes its chat known", async () => {
  const { tg, ann, api, last } = await setUp();
  await using _ = tg;
  ann.block();
  assert.equal(last()?.my_chat_member?.new_chat_member.status, "kicked");
  const from = { id: 55, is_bot: false, first_name: "Raw" };
  const chat = { id: 55, type: "private", first_name: "Raw" } as const;
  const update = tg.push({ message: { message_id: 900, date: 1, from, chat, text: "hi" } });
  assert.equal(last()?.update_id, update.update_id);
  const answer = await api.sendMessage(55, "hello", { reply_parameters: { message_id: 900 } });
  assert.equal(answer.reply_to_message?.text, "hi");
  assert.ok(answer.message_id > 900);
});

Deno.test("getChatMember tells members, administrators, those who left, and the bot", async () => {
  const { tg, ann, bob, api } = await setUp();
  await using _ = tg;
  tg.group({ id: -1001, title: "G", members: [ann], admins: [bob] });
  tg.person({ id: 9, first_name: "Eve" });
  const statuses = [7, 8, 9, 1000].map(async (id) => (await api.getChatMember(-1001, id)).status);
  assert.deepEqual(await Promise.all(statuses), ["member", "administrator", "left", "member"]);
  const admins = await api.getChatAdministrators(-1001);
  assert.deepEqual(admins.map(({ user }) => user.id), [8]);
  await api.leaveChat(-1001);
  await assert.rejects(api.sendMessage(-1001, "hi"), /403: Forbidden: bot is not a member/);
});
