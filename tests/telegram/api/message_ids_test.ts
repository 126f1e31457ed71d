/** Where a message is looked for: its id is higher than those that were there before it. */
import assert from "node:assert/strict";
import { newJob } from "../../../src/jobs/job.ts";
import { countsWithPrivates, createMessageIds } from "../../../src/telegram/api/message_ids.ts";
import { request } from "../../jobs/job_fixture.ts";

const ben = 7;
const ann = 8;
/** A supergroup, and a basic group. */
const group = -1_001_234_567_890;
const basic = -4_012_345_678;

Deno.test("mark() counts private chats together and each group for itself", () => {
  const sent = createMessageIds();
  sent.see(ann, 30);
  sent.see(group, 500);
  assert.deepEqual(sent.mark(ben, 12), { chat: 12, privates: 30 });
  sent.see(ben, 20);
  assert.deepEqual(sent.mark(ben, 12), { chat: 20, privates: 30 });
  assert.deepEqual(sent.mark(group, 400), { chat: 500, privates: 30 });
  assert.deepEqual(sent.mark(-1_001_234_567_891, 3), { chat: 3, privates: 30 });
});

Deno.test("mark() counts basic groups with the private chats", () => {
  const sent = createMessageIds();
  sent.see(ann, 30);
  sent.see(basic, 40);
  assert.deepEqual(sent.mark(ben, 12), { chat: 12, privates: 40 });
  sent.see(group, 500);
  sent.see(ben, 50);
  assert.deepEqual(sent.mark(basic, 1), { chat: 40, privates: 50 });
  // Groups of all sizes of ids that are in use.
  for (const chatId of [-1, -999_999_999, -5_000_000_000]) {
    assert.equal(countsWithPrivates(chatId), true, String(chatId));
  }
  for (const chatId of [-1_000_000_000_001, -1_001_234_567_890, -1_009_999_999_999]) {
    assert.equal(countsWithPrivates(chatId), false, String(chatId));
  }
});

Deno.test("learn() knows how far a stored job has come, and that other messages may lie before its marks", () => {
  const sent = createMessageIds();
  const job = newJob(request("a"), 1, 0);
  const { chatId, messageId } = job.origin;
  sent.learn(job);
  assert.deepEqual(sent.mark(chatId, 1), { chat: messageId, privates: messageId });
  sent.learn({ ...job, statusMessageId: 120 });
  assert.deepEqual(createMessageIds().mark(chatId, 1), { chat: 1, privates: 0 });
  assert.deepEqual(sent.mark(chatId, 1), { chat: 120, privates: 120 });
  sent.learn({ ...job, statusMark: { chat: 130, privates: 230 } });
  assert.deepEqual(sent.mark(chatId, 1), { chat: 130, privates: 230 });
  sent.learn({ ...job, sendMark: { chat: 140, privates: 240 } });
  assert.deepEqual(sent.mark(chatId, 1), { chat: 140, privates: 240 });
  assert.ok(!sent.isKnown(chatId, 140), "a mark is no message of this chat");
});
