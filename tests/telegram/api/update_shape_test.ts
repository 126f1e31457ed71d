/** Updates that lack what the Bot API promises are left out; all others go on as they came. */
import type { Update } from "grammy/types";
import assert from "node:assert/strict";
import { wholeOnes } from "../../../src/telegram/api/update_loop.ts";

const from = { id: 7, is_bot: false, first_name: "Ann" };
const chat = { id: 7, type: "private", first_name: "Ann" };
const message = { message_id: 1, date: 0, chat, from, text: "hi", unheard_of: { deep: [1] } };
const press = { id: "1", from, chat_instance: "1", data: "x:1", message };

const whole = [
  { message },
  { message: { message_id: 1, date: 0, chat: { id: -7, type: "channel", title: "" } } },
  { callback_query: press },
  { callback_query: { id: "1", from, chat_instance: "1" } },
  { stopped_message_generation: { chat, draft_id: 3 } },
  { unheard_of: {} },
];
const broken = [
  { message: { ...message, chat: undefined } },
  { message: { ...message, from: { id: 7 } } },
  { message: { ...message, message_id: "1" } },
  { message: "hi" },
  { callback_query: { ...press, from: undefined } },
  { callback_query: { ...press, id: 1 } },
  { callback_query: { ...press, message: { message_id: 1 } } },
  { stopped_message_generation: { draft_id: 3 } },
  { stopped_message_generation: { chat } },
];

function updatesOf(contents: readonly object[]): readonly Update[] {
  // As they come over the wire.
  return JSON.parse(JSON.stringify(contents.map((each, update_id) => ({ update_id, ...each }))));
}

Deno.test("wholeOnes() gives updates as they came when they have what is promised", () => {
  const updates = updatesOf(whole);
  assert.deepEqual(wholeOnes(updates), updates);
});

Deno.test("wholeOnes() leaves out each update that lacks what every handler relies on", () => {
  assert.deepEqual(wholeOnes(updatesOf(broken)), []);
});
