/**
 * Refusals of the emulated Telegram that come of what happens to chats, and who it shows as a sender: groups that move, topics
 * that end, rights that are taken, users who speak for a chat.
 */

import assert from "node:assert/strict";
import { rawCall } from "../../../lab/telegram/raw_call.ts";
import { png, setUp } from "./setup.ts";

const oldId = -4_001;
const newId = -1_001_234_567_890;

Deno.test("migrate() has the old group refuse everything with the new id, and tells the bot in both", async () => {
  const { tg, ann } = await setUp();
  await using _ = tg;
  const group = tg.basicGroup({ id: oldId, title: "Club", members: [ann] });
  const { message_id } = ann.sendText("/start", { chat: group });
  const supergroup = tg.migrate(group, newId);
  assert.deepEqual([supergroup.type, supergroup.id, supergroup.title], [
    "supergroup",
    newId,
    "Club",
  ]);
  for (
    const [method, params] of [
      ["sendMessage", { text: "hi" }],
      ["editMessageText", { text: "hi", message_id }],
      ["getChatMember", { user_id: ann.id }],
    ] as const
  ) {
    const answer = await rawCall(tg, method, { chat_id: oldId, ...params });
    assert.equal(answer.error_code, 400);
    assert.equal(answer.description, "Bad Request: group chat was upgraded to a supergroup chat");
    assert.deepEqual(answer.parameters, { migrate_to_chat_id: newId });
  }
  assert.ok((await rawCall(tg, "sendMessage", { chat_id: newId, text: "hi" })).ok);
  const [, to, from] = tg.unconfirmed.map(({ message }) => message);
  assert.deepEqual([to?.chat.id, to?.migrate_to_chat_id], [oldId, newId]);
  assert.deepEqual([from?.chat.id, from?.migrate_from_chat_id], [newId, oldId]);
});

Deno.test("basicGroup() counts its messages with those of the private chats", async () => {
  const { tg, ann, bob } = await setUp();
  await using _ = tg;
  const basic = tg.basicGroup({ id: oldId, title: "Club", members: [ann, bob] });
  const own = tg.group({ id: newId, title: "Big club", members: [ann] });
  const ids = [undefined, basic, own, undefined, basic].map((chat) =>
    ann.sendText("/start", chat ? { chat } : {}).message_id
  );
  assert.deepEqual(ids, [1, 2, 1, 3, 4]);
});

Deno.test("a chat refuses what it does not take, in Telegram's words", async () => {
  const { tg, ann, refuses } = await setUp();
  await using _ = tg;
  const forum = tg.group({ id: newId, title: "Forum", members: [ann], forum: true });
  for (const threadId of [5, 6]) ann.sendText("/start", { chat: forum, threadId });
  const to = { chat_id: newId, text: "hi" };
  tg.endTopic(forum, 5, "closed");
  tg.endTopic(forum, 6, "deleted");
  await refuses("sendMessage", { ...to, message_thread_id: 5 }, "Bad Request: TOPIC_CLOSED");
  await refuses(
    "sendMessage",
    { ...to, message_thread_id: 6 },
    "Bad Request: message thread not found",
  );
  const photo = { chat_id: newId, photo: new Blob([new Uint8Array(await png(10, 10))]) };
  tg.forbid(forum, "photos");
  await refuses("sendPhoto", photo, "Bad Request: not enough rights to send photos to the chat");
  assert.ok((await rawCall(tg, "sendMessage", to)).ok);
  tg.forbid(forum, "messages");
  await refuses(
    "sendMessage",
    to,
    "Bad Request: not enough rights to send text messages to the chat",
  );
  tg.forbid(forum);
  tg.kick(forum);
  await refuses("sendMessage", to, "Forbidden: bot was kicked from the supergroup chat");
  tg.kick(forum, false);
  assert.ok((await rawCall(tg, "sendMessage", to)).ok);
  ann.deactivate();
  await refuses("sendMessage", { chat_id: ann.id, text: "hi" }, "Forbidden: user is deactivated");
});

Deno.test("who speaks for a chat is shown as the account that stands for all such", async () => {
  const { tg, ann, last } = await setUp();
  await using _ = tg;
  const group = tg.group({ id: newId, title: "Club", admins: [ann] });
  for (
    const [speaksFor, accountId] of [
      [group, 1_087_968_824],
      [{ id: -1_005_000_000_001, title: "News" }, 136_817_688],
    ] as const
  ) {
    ann.sendText("/start", { chat: group, speaksFor });
    const message = last()?.message;
    assert.deepEqual([message?.from?.id, message?.sender_chat?.id], [accountId, speaksFor.id]);
  }
});

Deno.test("faults.add() refuses with the id of another chat, for one chat alone, and as a page of 413", async () => {
  const { tg, ann, bob } = await setUp();
  await using _ = tg;
  const send = (chat_id: number) => rawCall(tg, "sendMessage", { chat_id, text: "hi" });
  const moving = tg.faults.add({ kind: "refuse", migrateTo: newId, chat: ann.id });
  assert.deepEqual((await send(ann.id)).parameters, { migrate_to_chat_id: newId });
  assert.ok((await send(bob.id)).ok);
  moving.remove();
  tg.faults.add({ kind: "413html" });
  const response = await fetch(`${tg.url}/bot${tg.token}/getMe`);
  assert.deepEqual([response.status, response.headers.get("content-type")], [413, "text/html"]);
  assert.match(await response.text(), /^<html>[^]*413 Request Entity Too Large/);
});
