/** Drafts in a real store whose process dies at each of its writes: the update that was being handled comes again, and nothing is gone. */
import assert from "node:assert/strict";
import { type Picture } from "../../../src/jobs/mod.ts";
import { createKvSettings, type KeyValueStore } from "../../../src/kv/mod.ts";
import { createDrafts, type Drafts } from "../../../src/telegram/intake/drafts.ts";
import { testState } from "../../kv/kv_fixture.ts";

const chatUser = { userId: 7, chatId: 7 };

function picture(file: string): Picture {
  return { file, mime: "image/jpeg", width: 40, height: 30, asFile: false };
}

/** The same records, to a process that dies after so many writes. */
function dying(kv: KeyValueStore, writes: number): KeyValueStore {
  let left = writes;
  return {
    get: (key) => kv.get(key),
    getMany: kv.getMany.bind(kv),
    list: (...args) => kv.list(...args),
    delete: () => Promise.reject(new Error("not used here")),
    atomic() {
      const write = kv.atomic();
      const commit = write.commit.bind(write);
      write.commit = () => left-- > 0 ? commit() : Promise.reject(new Error("dead"));
      return write;
    },
  };
}

function openDrafts(kv: KeyValueStore): Drafts & { readonly removed: readonly string[] } {
  const removed: string[] = [];
  const drafts = createDrafts({
    settings: createKvSettings(kv),
    imageFetcher: {
      remove: (pictures) => Promise.resolve(void removed.push(...pictures.map(({ file }) => file))),
    },
    now: () => 1_000,
  });
  return { ...drafts, removed };
}

/** Handles it in a process that dies after 0, 1, 2 … writes, until one lives; then again, as the next process does. */
async function killAtEachWrite(
  kv: KeyValueStore,
  { before, handle, after }: Record<
    "before" | "handle" | "after",
    (drafts: Drafts) => Promise<unknown>
  >,
): Promise<number> {
  for (let writes = 0;; writes++) {
    const drafts = openDrafts(kv);
    await drafts.drop(chatUser);
    await before(drafts);
    const lives = await handle(openDrafts(dying(kv, writes))).then(() => true, () => false);
    await handle(openDrafts(kv));
    await after(openDrafts(kv));
    if (lives) return writes;
  }
}

testState(
  "keep() leaves a question its pictures, at whichever write it is killed",
  (open) =>
    open(async (kv) => {
      const writes = await killAtEachWrite(kv, {
        before: (drafts) => drafts.keep(chatUser, [picture("a")], { messageId: 1, id: "a" }),
        handle: (drafts) => drafts.keep(chatUser, [picture("b")], { messageId: 2, id: "b" }),
        async after(drafts) {
          assert.deepEqual((await drafts.find(chatUser, "a"))?.pictures, [picture("a")]);
          assert.deepEqual((await drafts.find(chatUser, undefined))?.id, "b");
        },
      });
      assert.equal(writes, 2);
    }),
);

testState(
  "keep() loses none of the pictures that are collected, at whichever write it is killed",
  (open) =>
    open(async (kv) => {
      const draft = { messageId: 1, id: "a", collecting: true };
      await killAtEachWrite(kv, {
        before: (drafts) => drafts.keep(chatUser, [picture("a")], draft),
        async handle(drafts) {
          const waiting = (await drafts.find(chatUser, undefined))?.pictures ?? [];
          const others = waiting.filter(({ file }) => file !== "b");
          await drafts.keep(chatUser, [...others, picture("b")], draft);
        },
        async after(drafts) {
          const found = await drafts.find(chatUser, undefined);
          assert.deepEqual(found?.pictures, [picture("a"), picture("b")]);
        },
      });
    }),
);

testState(
  "supersede() leaves a question its pictures, at whichever write it is killed",
  (open) =>
    open(async (kv) => {
      await killAtEachWrite(kv, {
        before: (drafts) => drafts.keep(chatUser, [picture("a")], { messageId: 1, id: "a" }),
        handle: (drafts) => drafts.supersede(chatUser, [picture("b")]),
        async after(drafts) {
          assert.deepEqual((await drafts.find(chatUser, "a"))?.pictures, [picture("a")]);
          assert.equal(await drafts.find(chatUser, undefined), undefined);
        },
      });
    }),
);

testState(
  "keep() takes the place of a question that a menu has asked, and removes only what goes",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      const drafts = openDrafts(kv);
      await drafts.keep(chatUser, [picture("a"), picture("b")], { messageId: 1, id: "a" });
      await settings.setDraft(chatUser, {
        v: 1,
        kind: "value",
        at: 1,
        param: "steps",
        menu: "s",
        menuMessageId: 5,
        updateId: 9,
      });
      await drafts.keep(chatUser, [picture("b"), picture("c")], { messageId: 2, id: "b" });
      assert.equal(await settings.question(chatUser), undefined);
      assert.deepEqual(drafts.removed, ["a"]);
      assert.equal(await drafts.find(chatUser, "a"), undefined);
    }),
);
