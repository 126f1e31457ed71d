/** What a JobQueue knows of results that users have, whatever store is under it: more of the cases of queue_cases.ts. */
import assert from "node:assert/strict";
import type { JobStore } from "../../src/jobs/job_store.ts";
import type { JobQueue } from "../../src/jobs/queue.ts";
import { openQueue, request, requestOf } from "./job_fixture.ts";

/** Brings a job that was enqueued to its delivery. */
async function render(queue: JobQueue, id: string): Promise<void> {
  await queue.update(id, { state: "submitted" });
  await queue.update(id, { state: "delivering", resultFile: `${id}.png` });
}

const settle = (queue: JobQueue, id: string) => queue.update(id, { state: "done", settled: true });

async function deliver(queue: JobQueue, id: string, messageId: number): Promise<void> {
  await render(queue, id);
  await queue.update(id, { delivered: { messageId } });
  await settle(queue, id);
}

/** The cases by name; each gets a store of its own. */
export const resultCases: Readonly<Record<string, (store: JobStore) => Promise<void>>> = {
  "byResult() finds the job of a message when it is in that chat": async (store) => {
    const queue = await openQueue(store);
    await queue.enqueue(requestOf(1, "a"));
    await queue.enqueue(requestOf(2, "b"));
    await deliver(queue, "a", 50);
    await deliver(queue, "b", 51);
    for (const each of [queue, await openQueue(store)]) {
      assert.equal((await each.byResult(1, 50))?.id, "a");
      assert.equal((await each.byResult(2, 51))?.id, "b");
      assert.equal(await each.byResult(2, 50), undefined);
      assert.equal(await each.byResult(1, 100), undefined, "the message that asked is no result");
    }
  },

  "byResult() finds the job when it is delivered and not settled yet": async (store) => {
    const queue = await openQueue(store);
    await queue.enqueue(request("a"));
    await render(queue, "a");
    await queue.update("a", { delivered: { messageId: 50 } });
    assert.deepEqual(await queue.byResult(7, 50), await queue.get("a"));
  },

  "lastDelivered() follows the order of delivery, not that of arrival": async (store) => {
    const queue = await openQueue(store);
    assert.equal(await queue.lastDelivered({ userId: 7, chatId: 7 }), undefined);
    for (const id of ["a", "b", "c"]) await queue.enqueue(request(id));
    for (const id of ["a", "b"]) await render(queue, id);
    await queue.update("b", { delivered: { messageId: 51 } });
    await queue.update("a", { delivered: { messageId: 52 } });
    await settle(queue, "b");
    for (const each of [queue, await openQueue(store)]) {
      assert.equal((await each.lastDelivered({ userId: 7, chatId: 7 }))?.id, "a");
      assert.equal(await each.lastDelivered({ userId: 7, chatId: -5 }), undefined);
      assert.equal(await each.lastDelivered({ userId: 8, chatId: 7 }), undefined);
    }
  },

  "kept() gives what is rendered and not with its user, until it is fetched or gone": async (
    store,
  ) => {
    const queue = await openQueue(store);
    for (const id of ["a", "b", "c"]) await queue.enqueue(request(id));
    for (const id of ["a", "b", "c"]) {
      await render(queue, id);
      await queue.update(id, { state: "failed", failure: "undeliverable", kept: "person" });
    }
    await queue.update("a", { settled: true });
    const kept = async (each: JobQueue) => (await each.kept(7)).map(({ id }) => id);
    for (const each of [queue, await openQueue(store)]) {
      assert.deepEqual(await kept(each), ["a", "b", "c"]);
      assert.deepEqual(await each.kept(8), []);
    }
    await queue.update("a", { state: "done", delivered: { messageId: 50, chatId: 8 } });
    await queue.update("b", { resultFile: undefined });
    for (const each of [queue, await openQueue(store)]) {
      assert.deepEqual(await kept(each), ["c"]);
      assert.equal((await each.byResult(8, 50))?.id, "a", "it is found where it is");
      assert.equal(await each.byResult(7, 50), undefined);
    }
    await assert.rejects(queue.update("b", { state: "done" }), /Cannot move job b/);
    await queue.update("c", { settled: true });
    await queue.forget(7);
    assert.deepEqual(await kept(queue), []);
  },

  "moveChat() takes a group's jobs, kept results and limits to its new id": async (store) => {
    const [from, to] = [-5, -1_001_234_567_890];
    const inGroup = (userId: number, id: string) =>
      request(id, {
        origin: {
          userId,
          chatId: from,
          isPrivate: false,
          messageId: 9,
          threadId: 3,
          language: "en",
        },
      });
    const queue = await openQueue(store);
    await queue.enqueue(requestOf(7, "own"));
    for (
      const [userId, id] of [[7, "waits"], [7, "kept"], [from, "theirs"], [from, "old"]] as const
    ) {
      assert.equal((await queue.enqueue(inGroup(userId, id))).type, "queued");
    }
    await queue.update("waits", {
      statusMessageId: 10,
      statusMark: { chat: 9, privates: 9 },
      sendMark: { chat: 9, privates: 9 },
    });
    // On its way to its user alone, in parts.
    const apart = {
      sendMark: { chat: 9, privates: 9, chatId: 7 },
      album: { chatId: 7, items: [{ id: 8, file: "theirs.png" }] },
    };
    await queue.update("theirs", apart);
    await render(queue, "kept");
    await queue.update("kept", { state: "failed", kept: "place", settled: true });
    await deliver(queue, "old", 50);
    for (let times = 0; times < 2; times++) await queue.moveChat(from, to);
    for (const each of [queue, await openQueue(store)]) {
      const waits = await each.get("waits");
      const { chatId, messageId, threadId } = waits!.origin;
      assert.deepEqual([chatId, messageId, threadId], [to, 0, undefined]);
      const { statusMessageId, statusMark, sendMark } = waits!;
      assert.deepEqual([statusMessageId, statusMark, sendMark], [undefined, undefined, undefined]);
      const theirs = await each.get("theirs");
      assert.deepEqual({ sendMark: theirs?.sendMark, album: theirs?.album }, apart);
      assert.deepEqual((await each.kept(7)).map(({ origin }) => origin.chatId), [to]);
      assert.deepEqual(each.live(to).map(({ id }) => id), ["theirs"]);
      assert.deepEqual(each.live(from), []);
      assert.equal((await each.byResult(from, 50))?.id, "old", "it has stayed where it is");
      assert.deepEqual((await each.get("own"))?.origin, requestOf(7, "own").origin);
    }
    // What counts for the limits of who speaks for the group.
    assert.equal(await store.countSince(to, 0, 10), 2);
    assert.equal(await store.countSince(from, 0, 10), 0);
    await queue.update("theirs", { state: "submitted" });
    assert.deepEqual(queue.waiting().map(({ id }) => id), ["own", "waits"]);
  },

  "forget() takes a user's settled jobs and gives them, and no others": async (store) => {
    const queue = await openQueue(store);
    for (const id of ["a", "b", "c"]) await queue.enqueue(request(id));
    await queue.enqueue(requestOf(8, "d"));
    await deliver(queue, "a", 50);
    await deliver(queue, "d", 50);
    await queue.cancel("b");
    const ended = [await queue.get("a"), await queue.update("b", { settled: true })];
    const gone = await queue.forget(7);
    assert.deepEqual(gone.sort((a, b) => a.seq - b.seq), ended);
    for (const each of [queue, await openQueue(store)]) {
      assert.equal(await each.get("a"), undefined);
      assert.equal(await each.byResult(7, 50), undefined);
      assert.equal(await each.lastDelivered({ userId: 7, chatId: 7 }), undefined);
      assert.deepEqual(each.live(7).map(({ id }) => id), ["c"]);
      assert.equal((await each.byResult(8, 50))?.id, "d");
    }
    assert.deepEqual(await queue.forget(7), []);
  },

  "forget() takes hundreds, and lets other changes in between": async (store) => {
    const queue = await openQueue(store);
    for (let index = 0; index < 250; index++) {
      await queue.enqueue(request(`j${index}`));
      if (index === 120) continue;
      await queue.cancel(`j${index}`);
      await queue.update(`j${index}`, { settled: true });
    }
    const order: string[] = [];
    const [gone] = await Promise.all([
      queue.forget(7).finally(() => order.push("forgotten")),
      queue.enqueue(requestOf(8, "other")).then(() => order.push("enqueued")),
    ]);
    assert.equal(gone.length, 249);
    assert.deepEqual(order, ["enqueued", "forgotten"]);
    assert.deepEqual(queue.live(7).map(({ id }) => id), ["j120"]);
    assert.equal(await store.countSince(7, 0, 1_000), 1);
  },

  "forget() leaves what is on its way when something older is settled": async (store) => {
    const queue = await openQueue(store);
    for (const id of ["a", "b"]) await queue.enqueue(request(id));
    await deliver(queue, "a", 50);
    await render(queue, "b");
    await queue.update("b", { delivered: { messageId: 51 } });
    assert.deepEqual((await queue.forget(7)).map(({ id }) => id), ["a"]);
    assert.equal((await queue.lastDelivered({ userId: 7, chatId: 7 }))?.id, "b");
    assert.equal((await queue.byResult(7, 51))?.id, "b");
    await settle(queue, "b");
    assert.deepEqual((await queue.forget(7)).map(({ id }) => id), ["b"]);
  },

  "erase() cancels a job and takes what its user has said out of its record": async (store) => {
    const queue = await openQueue(store);
    const wish = {
      promptText: "my words",
      params: { negative_prompt: "nothing green", seed: 7 },
      given: ["seed"],
      rootId: "root",
      pictures: [{
        file: "a.png",
        fileId: "TELEGRAMS",
        mime: "image/png",
        width: 1,
        height: 1,
        asFile: true,
      }],
    };
    for (const id of ["waits", "runs", "fails", "is sent"]) await queue.enqueue(request(id, wish));
    await queue.update("runs", { state: "submitted" });
    await queue.update("fails", { state: "failed", error: "my words" });
    await render(queue, "is sent");
    const outcomes = ["waits", "runs", "fails", "is sent", "none"].map((id) => queue.erase(id));
    const types = (await Promise.all(outcomes)).map(({ type }) => type);
    assert.deepEqual(types, ["cancelled", "requested", "too_late", "too_late", "too_late"]);
    for (const each of [queue, await openQueue(store)]) {
      for (const id of ["waits", "runs", "fails"]) {
        assert.doesNotMatch(JSON.stringify(await each.get(id)), /words|green|TELEGRAMS|root/, id);
      }
      assert.equal((await each.get("waits"))?.state, "cancelled");
      assert.ok((await each.get("runs"))?.cancelRequestedAt);
      assert.equal((await each.get("is sent"))?.promptText, "my words", "its caption is sent yet");
    }
  },

  "forget() leaves what came after the job that it is told of": async (store) => {
    const queue = await openQueue(store);
    for (const id of ["a", "b"]) await queue.enqueue(request(id));
    const last = queue.lastSeq;
    await queue.enqueue(request("c"));
    for (const [index, id] of ["a", "b", "c"].entries()) await deliver(queue, id, 50 + index);
    assert.deepEqual((await queue.settled(7, last)).map(({ id }) => id), ["a", "b"]);
    assert.deepEqual((await queue.forget(7, last)).map(({ id }) => id), ["a", "b"]);
    assert.equal((await queue.byResult(7, 52))?.id, "c");
    assert.equal((await queue.lastDelivered({ userId: 7, chatId: 7 }))?.id, "c");
  },

  "forget() reaches the jobs of former processes, and no later one": async (store) => {
    for (const id of ["a", "b", "c"]) {
      const queue = await openQueue(store);
      await queue.enqueue(request(id));
      await deliver(queue, id, 50);
    }
    const queue = await openQueue(store);
    const last = queue.lastSeq;
    const later = await openQueue(store);
    await later.enqueue(request("d"));
    await deliver(later, "d", 53);
    assert.deepEqual((await later.forget(7, last)).map(({ id }) => id).sort(), ["a", "b", "c"]);
    assert.equal((await later.get("d"))?.state, "done");
  },

  "forget() erases a job that is changed at the same moment, with the change": async (store) => {
    const queue = await openQueue(store);
    await queue.enqueue(request("a"));
    await deliver(queue, "a", 50);
    const delivered = { messageId: 50, documentFileId: "file" };
    const [changed, gone] = await Promise.all([
      queue.update("a", { delivered }),
      queue.forget(7),
    ]);
    assert.deepEqual(gone, [changed]);
    assert.equal(await queue.get("a"), undefined);
    assert.equal(await queue.byResult(7, 50), undefined);
  },
};
