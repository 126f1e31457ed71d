/** What an admin and the owner's limits do to a JobQueue, whatever store is under it: more of the cases of queue_cases.ts. */
import assert from "node:assert/strict";
import type { JobStore } from "../../src/jobs/job_store.ts";
import type { ClosedReason, JobQueue } from "../../src/jobs/queue.ts";
import { openQueue, request, requestOf } from "./job_fixture.ts";

const ids = (queue: JobQueue) => queue.waiting().map(({ id }) => id);
const take = async (queue: JobQueue) => (await queue.claim(() => ({})))?.id;

/** The cases by name; each gets a store of its own. */
export const orderCases: Readonly<Record<string, (store: JobStore) => Promise<void>>> = {
  "moveToFront() makes a waiting job the next, after a restart too": async (store) => {
    const queue = await openQueue(store);
    for (const id of ["a", "b", "c"]) await queue.enqueue(request(id));
    assert.equal(await queue.moveToFront("b"), true);
    assert.equal(await queue.moveToFront("c"), true);
    assert.equal(await queue.moveToFront("none"), false);
    for (const each of [queue, await openQueue(store)]) {
      assert.deepEqual(ids(each), ["c", "b", "a"]);
      assert.equal(each.position("b"), 2);
    }
    assert.equal(await take(queue), "c");
    assert.equal(await queue.moveToFront("c"), false, "it does not wait");
    await queue.enqueue(request("d"));
    assert.deepEqual(ids(queue), ["b", "a", "d"]);
  },

  "moveToFront() takes no place that a job has which comes back": async (store) => {
    const queue = await openQueue(store);
    for (const id of ["a", "b", "c"]) await queue.enqueue(request(id));
    await take(queue);
    await queue.moveToFront("c");
    await queue.update("a", { state: "queued" });
    assert.deepEqual(ids(queue), ["c", "a", "b"]);
    await queue.cancel("c");
    assert.deepEqual(ids(queue), ["a", "b"]);
    assert.equal(await take(queue), "a");
  },

  "claim() takes users in turn when the order is fair": async (store) => {
    const queue = await openQueue(store, { order: () => "fair" });
    for (const id of ["a1", "a2", "a3"]) await queue.enqueue(requestOf(1, id));
    await queue.enqueue(requestOf(2, "b1"));
    assert.deepEqual(ids(queue), ["a1", "b1", "a2", "a3"]);
    assert.equal(queue.position("b1"), 2);
    await queue.moveToFront("a3");
    assert.deepEqual([await take(queue), await take(queue), await take(queue)], ["a3", "a1", "b1"]);
    assert.equal(queue.position("a2"), 1);
  },

  "moveToFront() goes before all turns when the order is fair": async (store) => {
    const queue = await openQueue(store, { order: () => "fair" });
    for (const id of ["a1", "a2"]) await queue.enqueue(requestOf(1, id));
    await queue.enqueue(requestOf(2, "b1"));
    await take(queue);
    assert.deepEqual(ids(queue), ["b1", "a2"]);
    await queue.moveToFront("a2");
    assert.deepEqual(ids(queue), ["a2", "b1"]);
  },

  "claim() gives every user a first job before a second when the order is fair": async (
    store,
  ) => {
    const queue = await openQueue(store, { order: () => "fair" });
    for (const id of ["a1", "a2", "a3", "a4"]) await queue.enqueue(requestOf(1, id));
    const claimed = [await take(queue), await take(queue)];
    for (const [user, id] of [[2, "b1"], [3, "c1"], [2, "b2"]] as const) {
      await queue.enqueue(requestOf(user, id));
    }
    for (let i = 0; i < 5; i++) claimed.push(await take(queue));
    assert.deepEqual(claimed, ["a1", "a2", "a3", "b1", "c1", "a4", "b2"]);
  },

  "claim() comes to every user when newcomers never end and the order is fair": async (store) => {
    const queue = await openQueue(store, { order: () => "fair" });
    for (const id of ["a1", "a2"]) await queue.enqueue(requestOf(1, id));
    const claimed: (string | undefined)[] = [];
    for (let user = 2; user < 8; user++) {
      await queue.enqueue(requestOf(user, `n${user}`));
      claimed.push(await take(queue));
    }
    assert.ok(claimed.indexOf("a2") <= 2, claimed.join());
  },

  "update() puts a job back at its old place when it is queued again and the order is fair": async (
    store,
  ) => {
    const queue = await openQueue(store, { order: () => "fair" });
    for (const id of ["a1", "a2"]) await queue.enqueue(requestOf(1, id));
    await queue.enqueue(requestOf(2, "b1"));
    await take(queue);
    await queue.update("a1", { state: "queued" });
    assert.deepEqual(ids(queue), ["a1", "b1", "a2"]);
    await queue.update("b1", { statusMessageId: 5 });
    assert.deepEqual(ids(queue), ["a1", "b1", "a2"], "another record, the same place");
    await queue.cancel("a1");
    assert.deepEqual(ids(queue), ["a2", "b1"]);
    assert.deepEqual(ids(await openQueue(store, { order: () => "fair" })), ["a2", "b1"]);
  },

  "claim() gives what comes back in the order of its claims when the order is fair": async (
    store,
  ) => {
    const queue = await openQueue(store, { order: () => "fair" });
    for (const id of ["a1", "a2", "a3"]) await queue.enqueue(requestOf(1, id));
    await queue.enqueue(requestOf(2, "b1"));
    const claimed = [await take(queue), await take(queue), await take(queue)];
    assert.deepEqual(claimed, ["a1", "b1", "a2"]);
    for (const back of [["a2", "b1"], ["b1", "a2"]]) {
      for (const id of back) await queue.update(id, { state: "queued" });
      assert.deepEqual(ids(queue), ["b1", "a2", "a3"]);
      assert.deepEqual(ids(await openQueue(store, { order: () => "fair" })), ["b1", "a2", "a3"]);
      await queue.enqueue(requestOf(3, `c${back[0]}`));
      assert.deepEqual([await take(queue), await take(queue)], ["b1", "a2"]);
      await queue.cancel(`c${back[0]}`);
    }
  },

  "enqueue() gives the place among users in turn when the order is fair": async (store) => {
    const queue = await openQueue(store, { order: () => "fair" });
    for (const id of ["a1", "a2", "a3"]) await queue.enqueue(requestOf(1, id));
    const enqueued = await queue.enqueue(requestOf(2, "b1"));
    assert.equal(enqueued.type === "queued" && enqueued.position, 2);
  },

  "claim() gives nothing while the queue is paused, and waiters hear of its end": async (
    store,
  ) => {
    const queue = await openQueue(store);
    queue.paused = true;
    await queue.enqueue(request("a"));
    assert.equal(await take(queue), undefined);
    const waiting = queue.whenWaiting(new AbortController().signal);
    queue.paused = false;
    await waiting;
    assert.equal(await take(queue), "a");
  },

  "enqueue() says why no jobs are taken when the queue is closed": async (store) => {
    let closed: ClosedReason | undefined = "disk";
    const queue = await openQueue(store, { closed: () => closed });
    assert.deepEqual(await queue.enqueue(request("a")), { type: "closed", reason: "disk" });
    closed = undefined;
    assert.equal((await queue.enqueue(request("a"))).type, "queued");
    closed = "draining";
    assert.equal((await queue.enqueue(request("a"))).type, "duplicate");
  },

  "enqueue() gives the limit when a user has as many jobs as they may": async (store) => {
    const hourMs = 3_600_000;
    let now = 10 * hourMs;
    const queue = await openQueue(store, {
      now: () => now,
      limits: (userId) => Promise.resolve(userId === 1 ? { pending: 2, hour: 3, day: 5 } : {}),
    });
    const add = async (userId: number, id: string) => {
      const enqueued = await queue.enqueue(requestOf(userId, id));
      return enqueued.type === "limit" ? enqueued : enqueued.type;
    };
    assert.equal(await add(1, "a"), "queued");
    assert.equal(await add(1, "b"), "queued");
    assert.deepEqual(await add(1, "c"), { type: "limit", per: "pending", max: 2 });
    assert.equal(await add(2, "d"), "queued", "another person has limits of their own");
    for (const id of ["a", "b"]) {
      await queue.cancel(id);
      await queue.update(id, { settled: true });
    }
    assert.equal(await add(1, "c"), "queued");
    await queue.cancel("c");
    assert.deepEqual(await add(1, "e"), { type: "limit", per: "hour", max: 3 });
    now += hourMs + 1;
    for (const id of ["e", "f"]) {
      assert.equal(await add(1, id), "queued");
      await queue.cancel(id);
    }
    assert.deepEqual(await add(1, "g"), { type: "limit", per: "day", max: 5 });
    now += 23 * hourMs;
    assert.equal(await add(1, "g"), "queued", "the first three are of another day");
  },
};
