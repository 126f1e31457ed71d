/** Drafts in a real store whose process dies at each of its writes: the update that was being handled comes again, and nothing is gone. */
import assert from "node:assert/strict";
import { type Picture } from "../../../src/jobs/mod.ts";
import { createKvSettings, type KeyValueStore } from "../../../src/kv/mod.ts";
import { createDrafts, type Drafts, type NewDraft } from "../../../src/telegram/intake/drafts.ts";
import { killAtEachWrite, testState } from "../../kv/kv_fixture.ts";

const chatUser = { userId: 7, chatId: 7 };

function picture(file: string): Picture {
  return { file, mime: "image/jpeg", width: 40, height: 30, asFile: false };
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

/** One picture waits, and nothing else. */
async function begin(drafts: Drafts, draft: NewDraft): Promise<void> {
  await drafts.drop(chatUser);
  await drafts.keep(chatUser, [picture("a")], draft);
}

testState(
  "keep() leaves a question its pictures, at whichever write it is killed",
  (open) =>
    open(async (kv) => {
      const writes = await killAtEachWrite(kv, {
        open: openDrafts,
        before: (drafts) => begin(drafts, { messageId: 1, id: "a" }),
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
  "supersede() leaves a question its pictures, at whichever write it is killed",
  (open) =>
    open(async (kv) => {
      await killAtEachWrite(kv, {
        open: openDrafts,
        before: (drafts) => begin(drafts, { messageId: 1, id: "a" }),
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

testState(
  "drop() takes out its update with the pictures, at whichever write it is killed",
  (open) =>
    open(async (kv) => {
      const left = async () => (await Array.fromAsync(kv.list({ prefix: ["inbox"] }))).length;
      await killAtEachWrite(kv, {
        open: openDrafts,
        async before(drafts) {
          await begin(drafts, { messageId: 1, id: "a" });
          await kv.atomic().set(["inbox", 9], "…").commit();
        },
        // What is left to another process finds the pictures still.
        async handle(drafts) {
          if (await left() === 0) return;
          assert.ok(await drafts.find(chatUser, undefined));
          await drafts.drop(chatUser, 9);
        },
        async after(drafts) {
          assert.equal(await drafts.find(chatUser, undefined), undefined);
          assert.equal(await left(), 0);
        },
      });
    }),
);
