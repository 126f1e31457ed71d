/**
 * What a JobQueue does, whatever store is under it: one list of cases, run over each JobStore there is.
 */
import assert from "node:assert/strict";
import type { Job } from "../../src/jobs/job.ts";
import { type JobStore } from "../../src/jobs/job_store.ts";
import { type JobQueue, JobTransitionError } from "../../src/jobs/queue.ts";
import { assertJob, openQueue, request, requestOf } from "./job_fixture.ts";

/** A JobStore for one case. */
export interface StoreFixture extends AsyncDisposable {
  readonly store: JobStore;
}

const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id);
const take = (queue: JobQueue) => queue.claim(() => ({ backend: "gpu", promptId: "p" }));

async function enqueueAll(queue: JobQueue, ...names: string[]): Promise<void> {
  for (const id of names) await queue.enqueue(request(id));
}

/** The cases by name; each gets a store of its own. */
export const queueCases: Readonly<Record<string, (store: JobStore) => Promise<void>>> = {
  "enqueue() gives the place and the whole record when there is room": async (store) => {
    const queue = await openQueue(store, { now: () => 5 });
    await queue.enqueue(request("a"));
    const asked = request("b", { rootId: "a", delivery: "file", params: { neg: "снег" } });
    const enqueued = await queue.enqueue(asked);
    const job = {
      ...asked,
      v: 1,
      seq: 2,
      state: "queued",
      createdAt: 5,
      crashes: 0,
      history: [{ state: "queued", at: 5 }],
      settled: false,
    };
    assert.deepEqual(enqueued, { type: "queued", job, position: 2 });
    assert.deepEqual(await queue.get("b"), job);
    assert.deepEqual(await store.get("b"), job);
  },

  "enqueue() gives the job that is there when the same request comes twice": async (store) => {
    const queue = await openQueue(store);
    await queue.enqueue(request("a"));
    const second = await queue.enqueue(request("a", { promptText: "other words" }));
    assert.equal(second.type, "duplicate");
    assert.deepEqual(second.type === "duplicate" && second.job, await queue.get("a"));
    assert.equal(queue.size, 1);
  },

  "enqueue() knows a request again when its job is settled, after a restart too": async (store) => {
    const queue = await openQueue(store);
    await queue.enqueue(request("a"));
    await queue.cancel("a");
    const settled = await queue.update("a", { settled: true });
    for (const each of [queue, await openQueue(store)]) {
      assert.deepEqual(await each.enqueue(request("a")), { type: "duplicate", job: settled });
      assert.equal(each.size, 0);
    }
  },

  "enqueue() gives full when maxSize jobs wait, and takes more when the limit grows": async (
    store,
  ) => {
    let maxSize = 2;
    const queue = await openQueue(store, { maxSize: () => maxSize });
    await enqueueAll(queue, "a", "b");
    assert.deepEqual(await queue.enqueue(request("c")), { type: "full", maxSize: 2 });
    assert.equal(await queue.get("c"), undefined);
    maxSize = 3;
    assert.equal((await queue.enqueue(request("c"))).type, "queued");
    await take(queue);
    assert.equal((await queue.enqueue(request("d"))).type, "queued", "a claimed job does not wait");
  },

  "enqueue() keeps the limit when many come at once": async (store) => {
    const queue = await openQueue(store, { maxSize: () => 3 });
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, i) => queue.enqueue(request(`j${i}`))),
    );
    assert.equal(all.filter(({ type }) => type === "queued").length, 3);
    assert.deepEqual(ids(queue.waiting()), ["j0", "j1", "j2"]);
  },

  "claim() takes the jobs in the order of their arrival when it is called in turn": async (
    store,
  ) => {
    const queue = await openQueue(store, { now: () => 9 });
    await enqueueAll(queue, "b", "a", "c");
    assert.equal((await take(queue))?.id, "b");
    assert.equal((await take(queue))?.id, "a");
    const last = await take(queue);
    assert.equal(await take(queue), undefined);
    assertJob(last, {
      id: "c",
      state: "submitted",
      submittedAt: 9,
      backend: "gpu",
      promptId: "p",
    });
    assert.deepEqual(await store.get("c"), last, "the promptId is stored in the same commit");
  },

  "claim() gives each job to one worker when several ask at once": async (store) => {
    const queue = await openQueue(store);
    await enqueueAll(queue, "a", "b", "c");
    const claimed = await Promise.all(Array.from({ length: 5 }, () => take(queue)));
    assert.deepEqual(claimed.map((job) => job?.id), ["a", "b", "c", undefined, undefined]);
  },

  "update() puts a job back at its old place when it is queued again": async (store) => {
    const queue = await openQueue(store);
    await enqueueAll(queue, "a", "b", "c");
    await take(queue);
    await take(queue);
    await queue.update("b", { state: "queued", crashes: 1 });
    await queue.update("a", { state: "queued" });
    await queue.enqueue(request("d"));
    assert.deepEqual(ids(queue.waiting()), ["a", "b", "c", "d"]);
    assert.deepEqual(["a", "b", "c", "d"].map((id) => queue.position(id)), [1, 2, 3, 4]);
    assert.deepEqual(ids((await openQueue(store)).waiting()), ["a", "b", "c", "d"]);
  },

  "update() throws and changes nothing when the state may not follow": async (store) => {
    const queue = await openQueue(store);
    await queue.enqueue(request("a"));
    const before = await queue.get("a");
    await assert.rejects(queue.update("a", { state: "delivering" }), JobTransitionError);
    await assert.rejects(queue.update("none", { statusMessageId: 3 }), {
      message: "Cannot move job none to another state: it is unknown",
    });
    assert.deepEqual(await queue.get("a"), before);
    await queue.cancel("a");
    await assert.rejects(queue.update("a", { state: "queued" }), JobTransitionError);
  },

  "update() keeps the place when only other fields change": async (store) => {
    const queue = await openQueue(store);
    await enqueueAll(queue, "a", "b");
    await queue.update("a", { statusMessageId: 55 });
    assert.deepEqual(ids(queue.waiting()), ["a", "b"]);
    assert.equal((await take(queue))?.statusMessageId, 55);
  },

  "update() loses no field when two changes come at once": async (store) => {
    const queue = await openQueue(store);
    await queue.enqueue(request("a"));
    await Promise.all([take(queue), queue.update("a", { statusMessageId: 55 })]);
    assertJob(await store.get("a"), {
      state: "submitted",
      statusMessageId: 55,
    });
  },

  "cancel() ends a waiting job, asks for a held one and is too late for the rest": async (
    store,
  ) => {
    const queue = await openQueue(store, { now: () => 77 });
    await enqueueAll(queue, "a", "b");
    await take(queue);
    const held = await queue.cancel("a");
    assert.equal(held.type, "requested");
    assertJob(held.job, { state: "submitted", cancelRequestedAt: 77 });
    const waiting = await queue.cancel("b");
    assert.equal(waiting.type, "cancelled");
    assertJob(waiting.job, { state: "cancelled", endedAt: 77, settled: false });
    assert.equal(queue.size, 0);
    assert.equal(await take(queue), undefined);

    await queue.update("a", { state: "running" });
    assert.equal((await queue.cancel("a")).type, "requested");
    await queue.update("a", { state: "delivering" });
    assert.equal((await queue.cancel("a")).type, "too_late");
    assert.equal((await queue.cancel("b")).type, "too_late");
    assert.deepEqual(await queue.cancel("none"), { type: "too_late", job: undefined });
    const settled = await queue.update("b", { settled: true });
    assert.deepEqual(await queue.cancel("b"), { type: "too_late", job: settled });
  },

  "live() leaves out what ended, unsettled() only what its user knows of": async (store) => {
    const queue = await openQueue(store);
    await queue.enqueue(requestOf(1, "a"));
    await queue.enqueue(requestOf(2, "b"));
    await queue.enqueue(requestOf(1, "c"));
    await queue.cancel("a");
    for (const each of [queue, await openQueue(store)]) {
      assert.deepEqual(ids(each.live()), ["b", "c"]);
      assert.deepEqual(ids(each.live(1)), ["c"]);
      assert.deepEqual(ids(each.live(3)), []);
      assert.deepEqual(ids(each.unsettled()), ["a", "b", "c"]);
      assert.deepEqual(ids(each.unsettled(["c", "none", "a"])), ["a", "c"]);
    }
    await queue.update("a", { settled: true });
    assert.deepEqual(ids(queue.unsettled()), ["b", "c"]);
    assert.equal((await queue.get("a"))?.state, "cancelled");
  },

  "waiting() gives the places that were asked for when there are as many": async (store) => {
    const queue = await openQueue(store);
    await enqueueAll(queue, "a", "b", "c");
    assert.deepEqual(ids(queue.waiting(2, 3)), ["b", "c"]);
    assert.deepEqual(ids(queue.waiting(1, 0)), []);
    assert.deepEqual(ids(queue.waiting(3, 9)), ["c"]);
    assert.equal(queue.position("none"), undefined);
    await take(queue);
    assert.equal(queue.position("a"), undefined);
  },

  "open() goes on with the order and the records when the process is another": async (store) => {
    const first = await openQueue(store);
    await enqueueAll(first, "a", "b", "c", "d");
    await take(first);
    await first.update("a", { state: "running", startedAt: 4 });
    await first.cancel("c");
    const second = await openQueue(store);
    assert.deepEqual(ids(second.waiting()), ["b", "d"]);
    assert.deepEqual(await second.get("a"), await first.get("a"));
    await second.enqueue(request("e"));
    assert.deepEqual(ids(second.live()), ["a", "b", "d", "e"]);
  },

  "listen() tells of each change with the stored record until its signal aborts": async (
    store,
  ) => {
    const queue = await openQueue(store);
    const end = new AbortController();
    const heard: string[] = [];
    queue.listen((job) => heard.push(`${job.id} ${job.state}`), end.signal);
    queue.listen(() => heard.push("never"), AbortSignal.abort());
    await queue.enqueue(request("a"));
    await take(queue);
    await queue.update("a", { state: "queued" });
    end.abort();
    await queue.cancel("a");
    assert.deepEqual(heard, ["a queued", "a submitted", "a queued"]);
  },

  "whenWaiting() resolves for every waiter when a job comes, and when one comes back": async (
    store,
  ) => {
    const queue = await openQueue(store);
    const never = new AbortController().signal;
    const both = Promise.all([queue.whenWaiting(never), queue.whenWaiting(never)]);
    await queue.enqueue(request("a"));
    await both;
    await take(queue);
    const again = queue.whenWaiting(never);
    await queue.update("a", { state: "queued" });
    await again;
  },

  "whenWaiting() rejects with the reason when its signal aborts": async (store) => {
    const queue = await openQueue(store);
    const stop = new AbortController();
    const waiting = queue.whenWaiting(stop.signal);
    stop.abort(new Error("the stop"));
    await assert.rejects(waiting, { message: "the stop" });
    await assert.rejects(queue.whenWaiting(stop.signal), { message: "the stop" });
  },
};
