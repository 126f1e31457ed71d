/** Messages of the bot's that are no job's, over a restart. */
import assert from "node:assert/strict";
import type { OtherMessage } from "../../src/jobs/other_message.ts";
import { createKvOtherMessageStore } from "../../src/kv/other_messages.ts";
import { createKvSettings } from "../../src/kv/settings.ts";
import { testState, withFolder, withKv } from "./kv_fixture.ts";

const mark = { chat: 5, privates: 9 };
const keyboard = { inline_keyboard: [[{ text: "Close", callback_data: "s:7:x" }]] };

Deno.test("the next process reads what was noted of messages, and leaves out what it cannot read", async () => {
  const messages: readonly OtherMessage[] = [
    { v: 1, chatId: 7, mark, look: { kind: "text", keyboard } },
    { v: 1, chatId: 7, mark, ids: [10] },
    {
      v: 1,
      chatId: -100,
      mark,
      look: { kind: "photo", replyTo: 3, caption: "both", keyboard: undefined },
    },
    { v: 1, chatId: 8, mark, ids: [11, 12, 13] },
  ];
  await withFolder(async (dir) => {
    await withKv(dir, async (kv) => {
      const store = createKvOtherMessageStore(kv);
      for (const [slot, message] of messages.entries()) await store.put(slot, message);
      await store.put(4, messages[0]!);
      await store.remove(7, 4);
      await kv.set(["sent", 9, 0], { v: 2, odd: true });
    });
    await withKv(dir, async (kv) => {
      const found = await createKvOtherMessageStore(kv).all();
      const bySlot = found.toSorted((a, b) => a.slot - b.slot);
      assert.deepEqual(bySlot, messages.map((message, slot) => ({ slot, message })));
    });
  });
});

testState("what was noted two days ago is forgotten, and nothing else", async (open) => {
  const hourMs = 3_600_000;
  const message: OtherMessage = { v: 1, chatId: 7, mark, ids: [10] };
  const slotsAt = (now: number) =>
    open(async (kv) => {
      const found = await createKvOtherMessageStore(kv, () => now).all();
      return found.map(({ slot }) => slot).sort();
    });
  await open(async (kv) => {
    for (const [slot, hour] of [0, 1, 47].entries()) {
      await createKvOtherMessageStore(kv, () => hour * hourMs).put(slot, message);
    }
  });
  assert.deepEqual(await slotsAt(47.5 * hourMs), [0, 1, 2]);
  assert.deepEqual(await slotsAt(48.5 * hourMs), [1, 2]);
  assert.deepEqual(await slotsAt(50 * hourMs), [2]);
  assert.deepEqual(await slotsAt(0), [2], "they are gone for good");
});

Deno.test("forget() deletes what was noted of a user's private chat, and of no other", async () => {
  await withFolder(async (dir) => {
    await withKv(dir, async (kv) => {
      const store = createKvOtherMessageStore(kv);
      const look = { kind: "text", keyboard } as const;
      for (const chatId of [7, 8, -100]) {
        for (const slot of [0, 1]) await store.put(slot, { v: 1, chatId, mark, look });
      }
      await createKvSettings(kv).forget(7);
      const left = (await store.all()).map(({ message }) => message.chatId);
      assert.deepEqual(left.toSorted(), [-100, -100, 8, 8]);
    });
  });
});
