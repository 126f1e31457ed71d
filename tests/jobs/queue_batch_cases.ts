/** What a JobQueue does with batches, whatever store is under it: more of the cases of queue_cases.ts. */
import assert from "node:assert/strict";
import { batchJobId, maxBatch } from "../../src/jobs/batch.ts";
import type { JobRequest } from "../../src/jobs/job.ts";
import type { JobStore } from "../../src/jobs/job_store.ts";
import type { JobQueue } from "../../src/jobs/queue.ts";
import { openQueue, request, requestOf } from "./job_fixture.ts";

const ids = (queue: JobQueue) => queue.waiting().map(({ id }) => id);
const take = async (queue: JobQueue) => (await queue.claim(() => ({})))?.id;

/** Requests for a batch of so many, all with the given fields. */
export function batchOf(
  id: string,
  of: number,
  { userId = 7, ...overrides }: Partial<JobRequest> & { readonly userId?: number } = {},
): [JobRequest, ...JobRequest[]] {
  const [first, ...others] = Array.from({ length: of }, (_, index) => ({
    ...request(batchJobId(id, index), overrides),
    origin: requestOf(userId, id).origin,
    batch: { id, index, of },
  }));
  return [first!, ...others];
}

const idsOf = (id: string, of: number) => batchOf(id, of).map((each) => each.id);

/** The cases by name; each gets a store of its own. */
export const batchCases: Readonly<Record<string, (store: JobStore) => Promise<void>>> = {
  "enqueue() takes a batch as a whole, once, and a restart finds all of it": async (store) => {
    const queue = await openQueue(store);
    const words = "зима ".repeat(500);
    const enqueued = await queue.enqueue(...batchOf("b", maxBatch, { promptText: words }));
    assert.equal(enqueued.type === "queued" && enqueued.job.id, "b");
    assert.equal((await queue.enqueue(...batchOf("b", maxBatch))).type, "duplicate");
    for (const each of [queue, await openQueue(store)]) {
      assert.deepEqual(ids(each), idsOf("b", maxBatch));
      const jobs = await each.batch((await each.get(batchJobId("b", 7)))!);
      assert.deepEqual(jobs.map(({ batch }) => batch?.index), [...Array(maxBatch).keys()]);
      assert.ok(jobs.every(({ promptText }) => promptText === words));
    }
  },

  "enqueue() takes nothing of a batch that is more than there is room for": async (store) => {
    const queue = await openQueue(store, {
      maxSize: () => 5,
      limits: (userId) => Promise.resolve(userId === 1 ? { pending: 3, hour: 4, day: 9 } : {}),
    });
    const add = async (userId: number, id: string, of: number) => {
      const enqueued = await queue.enqueue(...batchOf(id, of, { userId }));
      return enqueued.type === "limit" ? enqueued.per : enqueued.type;
    };
    assert.equal(await add(1, "a", 4), "pending");
    assert.equal(await add(2, "b", 6), "full");
    assert.deepEqual(ids(queue), []);
    assert.equal(await add(1, "c", 2), "queued");
    assert.equal(await add(1, "d", 2), "pending", "what waits counts");
    for (const id of idsOf("c", 2)) {
      await queue.cancel(id);
      await queue.update(id, { settled: true });
    }
    assert.equal(await add(1, "e", 3), "hour", "each picture counts, not each batch");
    assert.equal(await add(1, "f", 2), "queued");
    assert.equal(await add(2, "g", 4), "full", "there is room for three");
    assert.equal(queue.size, 2);
  },

  "a batch takes turns with other users, also when the order is that of arrival": async (store) => {
    const queue = await openQueue(store, { order: () => "fifo" });
    await queue.enqueue(...batchOf("b", 3, { userId: 1 }));
    const [b0, b1, b2] = idsOf("b", 3);
    for (const id of ["x", "y"]) await queue.enqueue(requestOf(2, id));
    await queue.enqueue(requestOf(3, "z"));
    assert.deepEqual(ids(queue), [b0, "x", "z", b1, "y", b2]);
    assert.equal(queue.position("z"), 3);
    assert.deepEqual(ids(await openQueue(store)), [b0, "x", "z", b1, "y", b2], "after a restart");
    assert.deepEqual([await take(queue), await take(queue)], [b0, "x"]);
    for (const id of [b1, b2]) await queue.cancel(id!);
    assert.deepEqual(ids(queue), ["y", "z"], "without it the order is that of arrival again");
  },
};
