/** A menu's question, whose process dies at each write: the answer comes again, and is never taken for something else. */
import assert from "node:assert/strict";
import type { Update } from "grammy/types";
import { createKvInbox, createKvSettings, type KeyValueStore } from "../../../src/kv/mod.ts";
import type { BotContext } from "../../../src/telegram/api/mod.ts";
import { parseUpdate } from "../../../src/telegram/api/update_loop.ts";
import { createValueQuestions } from "../../../src/telegram/settings/ask_value.ts";
import { killAtEachWrite, testState } from "../../kv/kv_fixture.ts";

const chatUser = { userId: 7, chatId: 7 };
const asking = {
  menu: "s",
  at: { ...chatUser, messageId: 5 },
  param: "steps",
  sentence: "Send a value",
};

/** Questions over a store, in a chat of which the bot's messages are known. */
function openQuestions(kv: KeyValueStore, chat: Set<number>) {
  const settings = createKvSettings(kv);
  return {
    settings,
    inbox: createKvInbox(kv, parseUpdate),
    ...createValueQuestions({ settings, now: () => 1_000 }),
    contextOf: (update_id: number) =>
      ({
        update: { update_id },
        chat: { id: 7, type: "private" },
        reply() {
          const message_id = 100 + chat.size;
          chat.add(message_id);
          return Promise.resolve({ message_id });
        },
        api: {
          deleteMessage: (_chat: number, id: number) => Promise.resolve(chat.delete(id)),
        },
      }) as unknown as BotContext,
  };
}

const noPoison = (id: number): never => assert.fail(`${id} was dropped`);

testState(
  "an answer is dealt with when its question is, at whichever write it is killed",
  (open) =>
    open(async (kv) => {
      const chat = new Set<number>();
      let answer = 1;
      await killAtEachWrite(kv, {
        open: (kv) => openQuestions(kv, chat),
        async before({ ask, contextOf, inbox }) {
          answer += 2;
          await ask(contextOf(answer - 1), chatUser, asking);
          await inbox.keep([{ update_id: answer } as Update]);
        },
        async handle({ inbox, settings, settle, contextOf }) {
          for (const { update_id } of await inbox.left(noPoison)) {
            const question = await settings.question(chatUser);
            assert.ok(question, "the answer has come again, and its question is gone");
            await settle(contextOf(update_id), chatUser, question);
          }
        },
        async after({ inbox, settings }) {
          assert.equal(await settings.question(chatUser), undefined);
          assert.deepEqual(await inbox.left(noPoison), []);
          assert.equal(chat.size, 0);
        },
      });
    }),
);

testState(
  "a question that takes another's place leaves no moment without one",
  (open) =>
    open(async (kv) => {
      const chat = new Set<number>();
      await killAtEachWrite(kv, {
        open: (kv) => openQuestions(kv, chat),
        before: ({ ask, contextOf }) => ask(contextOf(1), chatUser, asking),
        async handle({ settings, ask, contextOf }) {
          assert.ok(await settings.question(chatUser), "the answer would be words for a picture");
          await ask(contextOf(2), chatUser, asking);
        },
        async after({ settings }) {
          assert.equal((await settings.question(chatUser))?.updateId, 2);
        },
      });
    }),
);
