/** Results of a batch: together with those that belong to the same album, in order, once; single results pass them. */
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import { openFileStore } from "../../src/images/file_store.ts";
import type { Job } from "../../src/jobs/job.ts";
import { resultFilesOf } from "../../src/jobs/job.ts";
import { createSerializer } from "../../src/lib/serialize.ts";
import type { Messenger } from "../../src/worker/messenger.ts";
import { createOutbox } from "../../src/worker/outbox.ts";
import { openQueue, request } from "../jobs/job_fixture.ts";
import { createMemoryJobStore } from "../jobs/memory_job_store.ts";
import { batchOf } from "../jobs/queue_batch_cases.ts";
import { Chat } from "./worker_fixture.ts";

/** A queue whose jobs are rendered when the test says so, and its outbox; each album that goes out is noted. */
async function openPost() {
  const dir = await Deno.makeTempDir();
  const storage = await openFileStore(dir);
  const store = createMemoryJobStore();
  const stop = new AbortController();
  const albums: string[][] = [];
  /** Undefined: Telegram takes it. */
  let meet: ((job: Job) => Promise<void>) | undefined;

  async function open() {
    const queue = await openQueue(store);
    const chat = new Chat(queue);
    const messenger: Messenger = Object.assign(chat, {
      deliver: async (job: Job, _bytes: Uint8Array, note: Parameters<Messenger["deliver"]>[2]) => {
        await meet?.(job);
        const files = resultFilesOf(job);
        albums.push(files.map((file) => file.replace(".png", "")));
        const items = files.map((file, i) => ({ id: 100 * albums.length + i, file }));
        if (items.length === 1) {
          return { type: "delivered", delivered: { messageId: items[0]!.id } } as const;
        }
        await note({ album: { chatId: 7, items } });
        const delivered = { messageId: 100 * albums.length + 99, album: items };
        return { type: "delivered", delivered } as const;
      },
    });
    const outbox = createOutbox({
      queue,
      storage,
      messenger,
      keepResults: () => true,
      chatTurns: createSerializer(),
      retryMs: () => 1,
      now: () => 5,
    });
    return { queue, chat, outbox };
  }

  let life = await open();
  return {
    albums,
    get queue() {
      return life.queue;
    },
    set meet(act: typeof meet) {
      meet = act;
    },
    /** The job's result is there. */
    async render(id: string) {
      await storage.saveResult(`${id}.png`, Uint8Array.of(1));
      await life.queue.update(id, { state: "submitted", backend: "gpu" });
      const job = await life.queue.update(id, { state: "delivering", resultFile: `${id}.png` });
      life.outbox.send(job, stop.signal);
    },
    async fail(id: string) {
      const job = await life.queue.update(id, { state: "failed", failure: "execution" });
      await life.queue.update(job.id, { settled: true });
    },
    async restart() {
      life = await open();
      const left = life.queue.live().filter(({ state }) => state === "delivering");
      for (const job of left) life.outbox.send(job, stop.signal);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

Deno.test("the albums of a batch go out whole and in order, and a single result waits for none of them", async () => {
  await using post = await openPost();
  const requests = batchOf("b", 12);
  const names = requests.map(({ id }) => id);
  await post.queue.enqueue(...requests);
  await post.queue.enqueue(request("single"));
  for (const id of names.slice(10)) await post.render(id);
  for (const id of names.slice(1, 10)) await post.render(id);
  await post.render("single");
  await until("the single one is there", () => post.albums.length === 1);
  assert.deepEqual(post.albums, [["single"]]);
  await post.render(names[0]!);
  await until("all are there", () => post.albums.length === 3);
  assert.deepEqual(post.albums.slice(1), [names.slice(0, 10), names.slice(10)]);
  await until("all are done", () => post.queue.live().length === 0);
  // A reply to one of the pictures finds its job; the first has the message with the buttons, too.
  assert.equal((await post.queue.byResult(7, 203))?.id, names[3]);
  assert.equal((await post.queue.byResult(7, 299))?.id, names[0]);
  assert.deepEqual((await post.queue.get(names[3]!))?.delivered, { messageId: 203 });
});

Deno.test("an album goes out without those that have failed, and alone what is alone", async () => {
  await using post = await openPost();
  const requests = batchOf("b", 4);
  const [a, b, c, d] = requests.map(({ id }) => id) as [string, string, string, string];
  await post.queue.enqueue(...requests, ...batchOf("other", 2));
  await post.render("other");
  for (const id of [d, b]) await post.render(id);
  await post.fail(a);
  assert.deepEqual(post.albums, []);
  await post.fail(c);
  await until("the rest is there", () => post.albums.length === 1);
  assert.deepEqual(post.albums, [[b, d]]);
  await post.fail(batchOf("other", 2)[1]!.id);
  await until("the other one is there", () => post.albums.length === 2);
  assert.deepEqual(post.albums[1], ["other"]);
});

Deno.test("an album whose sending was cut short is the same one in the next life, with what was noted of it", async () => {
  await using post = await openPost();
  const requests = batchOf("b", 3);
  const names = requests.map(({ id }) => id);
  await post.queue.enqueue(...requests);
  const begun = Promise.withResolvers<void>();
  post.meet = () => {
    begun.resolve();
    return new Promise(() => {});
  };
  for (const id of names) await post.render(id);
  await begun.promise;
  // It had been sent, and noted with some of the jobs.
  const items = names.map((id, i) => ({ id: 40 + i, file: `${id}.png` }));
  await post.queue.update(names[0]!, { album: { chatId: 7, items } });
  await post.queue.update(names[2]!, { delivered: { messageId: 42 } });
  const told: Job[] = [];
  post.meet = (job) => {
    told.push(job);
    return Promise.resolve();
  };
  await post.restart();
  await until("all are done", () => post.queue.live().length === 0);
  assert.deepEqual(post.albums, [names], "once, and whole");
  assert.deepEqual(told[0]?.album?.items, items);
  assert.equal(told[0]?.id, names[0]);
});
