/** /forget in a real store whose process dies at each of its writes: no file outlives the record that names it. */
import assert from "node:assert/strict";
import { JobQueue } from "../../src/jobs/mod.ts";
import {
  createKvErasureStore,
  createKvJobStore,
  createKvSettings,
  type KeyValueStore,
} from "../../src/kv/mod.ts";
import { type ErasureDeps, openErasure } from "../../src/users/erasure.ts";
import { request } from "../jobs/job_fixture.ts";
import { killAtEachWrite, testState } from "../kv/kv_fixture.ts";

const chatUser = { userId: 7, chatId: 7 };

testState("erase() leaves no file, at whichever write it is killed", (open) =>
  open(async (kv) => {
    let round = 0;
    await killAtEachWrite(kv, {
      async open(kv: KeyValueStore) {
        const settings = createKvSettings(kv);
        const options = { maxSize: () => 100, now: () => 1_000 };
        const queue = await JobQueue.open(createKvJobStore(kv), options);
        const erasure = await openErasure({
          ...options,
          store: createKvErasureStore(kv),
          queue,
          settings,
          // Files are records here: a process dies at one as it does at another.
          storage: {
            removeInput: (name) => kv.delete(["file", name]),
            async removeResultsOf(ids) {
              for (const id of ids) await kv.delete(["file", `${id}.png`]);
              return ids.size;
            },
          },
          ...nothingElse,
        });
        return { settings, queue, erasure };
      },
      async before({ settings, queue }) {
        const id = `a${round++}`;
        const [picture] = request(id).pictures;
        await queue.enqueue(request(id));
        await queue.update(id, { state: "submitted" });
        await queue.update(id, { state: "failed", settled: true });
        const draft = { v: 1, kind: "pictures", at: 1, messageId: 1, collecting: false } as const;
        await settings.setDraft(chatUser, { ...draft, pictures: [{ ...picture!, file: "waits" }] });
        for (const name of [`${id}.png`, "waits"]) {
          await kv.atomic().set(["file", name], name).commit();
        }
      },
      handle: ({ erasure }) => erasure.erase({ userId: 7, updateId: round }, () => {}),
      async after({ settings, queue }) {
        assert.deepEqual(await Array.fromAsync(kv.list({ prefix: ["file"] })), []);
        assert.deepEqual(await queue.settled(7, queue.lastSeq), []);
        assert.equal(await settings.draft(chatUser), undefined);
      },
    });
  }));

const nothingElse: Pick<
  ErasureDeps,
  "dropUpdates" | "dropCopies" | "dropHistory" | "purge"
> = {
  dropUpdates: () => Promise.resolve(),
  dropCopies: () => Promise.resolve(),
  dropHistory: () => Promise.resolve(),
  purge: () => Promise.resolve(),
};
