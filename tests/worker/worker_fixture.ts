/** A worker between a small backend and a chat that remembers what it was told; the store forgets with the test. */
import { until } from "../../lab/until.ts";
import { type FileStore, openFileStore } from "../../src/images/file_store.ts";
import { type Estimator, openEstimator } from "../../src/jobs/estimator.ts";
import { type Delivered, type Job, type JobEvent, newJob } from "../../src/jobs/job.ts";
import type { JobStore } from "../../src/jobs/job_store.ts";
import { createMemoryJobStore } from "../jobs/memory_job_store.ts";
import type { JobQueue } from "../../src/jobs/queue.ts";
import { createSerializer } from "../../src/lib/serialize.ts";
import type { Template } from "../../src/templates/template.ts";
import type { Backend } from "../../src/worker/backend.ts";
import type { Delivery, Messenger, NoteSending } from "../../src/worker/messenger.ts";
import type { ResultDrawing } from "../../src/templates/tasks/pictures.ts";
import {
  createWorker,
  type Worker,
  type WorkerDeps,
  type WorkerOptions,
} from "../../src/worker/worker.ts";
import { assertJob, openQueue, request } from "../jobs/job_fixture.ts";
import { SmallBackend } from "./small_backend.ts";

export const template: Template = {
  name: "edit",
  title: { en: "Edit", ru: "Правка" },
  description: { en: "", ru: "" },
  kind: "edit",
  graph: {
    "1": { class_type: "LoadImage", inputs: { image: "" } },
    "2": { class_type: "Edit", inputs: { text: "", image: ["1", 0] } },
    "3": { class_type: "SaveImage", inputs: { images: ["2", 0], filename_prefix: "" } },
  },
  pictures: [{ node: "1", input: "image" }],
  promptText: [{ node: "2", input: "text" }],
  params: {},
  megapixels: [],
  output: { node: "3", filename: [{ node: "3", input: "filename_prefix" }] },
  models: [],
  modelFiles: [],
  origin: { graph: "embedded", manifest: "embedded" },
};

/** For jobs whose pictures stay as they are. */
export const undrawn: ResultDrawing = {
  pad: () => Promise.reject(new Error("nothing is drawn here")),
  resize: () => Promise.reject(new Error("nothing is drawn here")),
};

/** The users' side: a Messenger whose chat is a list. */
export class Chat implements Messenger {
  readonly events: { readonly id: string; readonly event: JobEvent }[] = [];
  readonly results: { readonly id: string; readonly bytes: Uint8Array }[] = [];
  /** Jobs whose result was to be looked for before it was sent. */
  readonly lookedFor: string[] = [];
  readonly cleared: string[] = [];
  /** Jobs whose person wants previews. */
  readonly watched = new Set<string>();
  /** What becomes of a result, undefined where it is refused; by default it arrives. */
  takes: (job: Job) => Promise<Delivered | undefined> = () => Promise.resolve({ messageId: 5 });
  readonly #queue: JobQueue;

  constructor(queue: JobQueue) {
    this.#queue = queue;
  }

  notify({ id }: Job, event: JobEvent): void {
    this.events.push({ id, event });
  }

  wantsPreviews({ id }: Job): Promise<boolean> {
    return Promise.resolve(this.watched.has(id));
  }

  async deliver(
    job: Job,
    bytes: Uint8Array,
    note: NoteSending,
  ): Promise<Delivery> {
    if (job.sendMark) this.lookedFor.push(job.id);
    await note({ sendMark: { chat: 40, privates: 41 } });
    const delivered = await this.takes(job);
    if (!delivered) return { type: "kept", reason: "person" };
    this.results.push({ id: job.id, bytes });
    return { type: "delivered", delivered };
  }

  clear({ id }: Job): Promise<void> {
    this.cleared.push(id);
    return Promise.resolve();
  }

  ended({ id }: Job): void {
    this.#queue.update(id, { settled: true });
  }

  /** Of one job what was told, of progress only that there was some. */
  told(id: string): string[] {
    return this.events.filter((each) => each.id === id).map(({ event }) => event.type);
  }
}

/** One process's worker, and everything around it that the next process finds again. */
export interface WorkerFixture extends AsyncDisposable {
  readonly backend: SmallBackend;
  readonly queue: JobQueue;
  readonly storage: FileStore;
  readonly chat: Chat;
  readonly estimator: Estimator;
  readonly worker: Worker;
  /** Milliseconds since 1970. */
  time: number;
  /** What the worker is told of the template; undefined where it is gone. */
  template: Template | undefined;
  /** While it is set, nothing can be written: no record and no result. */
  isDiskFull: boolean;
  /** How often something could not be written because of that. */
  refusedWrites: number;
  /** Enqueues a job with its picture on the disk. */
  add(id: string): Promise<void>;
  /** The job's record, once it is in that state. */
  reaches(id: string, state: Job["state"]): Promise<Job>;
  /** Ends the process in order. */
  stop(): Promise<void>;
  /** Stops, and goes on as the next process with the same store, files and backend. */
  restart(): Promise<void>;
}

export async function startWorker(
  options: Partial<WorkerOptions> & {
    /** Jobs that a former process left, in order, and what it had written of them. */
    readonly left?: readonly { readonly id: string; readonly record: Partial<Job> }[];
    readonly backend?: SmallBackend;
    /** Takes the place of the small backend: one that is connected to something, another for each process. */
    readonly connect?: () => Backend;
    /** Default: the small template. */
    readonly template?: Template;
    /** Whether another backend could take a job. */
    readonly elsewhere?: () => boolean;
    /** How often that is asked for a job that waits for the backend. */
    readonly lookMs?: number;
    /** Longest time that a result waits for an earlier one. */
    readonly orderMs?: number;
    /** Which job it takes, and how soon it asks again. */
    readonly picking?: Pick<WorkerDeps, "pick" | "pickMs">;
  } = {},
): Promise<WorkerFixture> {
  const {
    left = [],
    backend = new SmallBackend(),
    connect = () => backend,
    template: ofJobs = template,
    elsewhere = () => false,
    orderMs,
    lookMs,
    picking = {},
    ...workerOptions
  } = options;
  const dir = await Deno.makeTempDir();
  const [files, records] = [await openFileStore(dir), createMemoryJobStore()];
  const whereThereIsRoom = (write: () => Promise<void>): Promise<void> => {
    if (!fixture.isDiskFull) return write();
    fixture.refusedWrites++;
    return Promise.reject(new TypeError("database or disk is full"));
  };
  const storage: FileStore = {
    ...files,
    saveResult: (...result) => whereThereIsRoom(() => files.saveResult(...result)),
  };
  const store: JobStore = {
    ...records,
    put: (...jobs) => whereThereIsRoom(() => records.put(...jobs)),
  };
  const estimator = await openEstimator({
    load: () => Promise.resolve(undefined),
    save: () => Promise.resolve(),
  });
  let promptIds = 0;

  async function addInput(id: string): Promise<void> {
    await storage.saveInput(`${id}.png`, new TextEncoder().encode(`picture ${id}`));
  }

  async function open(): Promise<Pick<WorkerFixture, "queue" | "chat" | "worker" | "stop">> {
    const queue = await openQueue(store, { now: () => fixture.time });
    const chat = new Chat(queue);
    const worker = createWorker({
      backend: connect(),
      queue,
      storage,
      estimator,
      messenger: chat,
      drawing: undrawn,
      chatTurns: createSerializer(),
      template: () => fixture.template,
      now: () => fixture.time,
      // A ComfyUI of 2026 takes nothing but a UUID.
      newPromptId: () => `00000000-0000-4000-8000-${String(++promptIds).padStart(12, "0")}`,
      elsewhere,
      ...(orderMs === undefined ? {} : { orderMs }),
      ...(lookMs === undefined ? {} : { lookMs }),
      ...picking,
    }, () => ({
      depth: 2,
      timeoutMs: 60_000,
      megapixels: 1,
      keepResults: true,
      retryMs: 1,
      ...workerOptions,
    }));
    const stopping = new AbortController();
    const running = worker.run(stopping.signal);
    return {
      queue,
      chat,
      worker,
      async stop() {
        stopping.abort();
        await running;
      },
    };
  }

  const fixture = { time: 1_000_000, template: ofJobs, isDiskFull: false, refusedWrites: 0 } as {
    -readonly [K in keyof WorkerFixture]: WorkerFixture[K];
  };
  for (const [i, { id, record }] of left.entries()) {
    await addInput(id);
    const job = newJob(request(id), i + 1, 0);
    await store.put({ ...job, backend: "gpu", state: "submitted", ...record });
  }
  Object.assign(
    fixture,
    {
      backend,
      storage,
      estimator,
      async add(id) {
        await addInput(id);
        await fixture.queue.enqueue(request(id));
      },
      reaches: (id, state) =>
        until(`job ${id} ${state}`, async () => {
          const job = await fixture.queue.get(id);
          if (job?.state !== state) return undefined;
          assertJob(job, {});
          return job;
        }),
      async restart() {
        await fixture.stop();
        Object.assign(fixture, await open());
      },
      async [Symbol.asyncDispose]() {
        await fixture.stop();
        await backend[Symbol.asyncDispose]();
        await Deno.remove(dir, { recursive: true });
      },
    } satisfies Partial<WorkerFixture>,
  );
  Object.assign(fixture, await open());
  return fixture;
}

/** The picture that every job of these tests becomes. */
export const result = Uint8Array.of(1, 2, 3);

/** Brings the job that is the `n`th prompt to its end. */
export async function finish({ backend }: WorkerFixture, n: number): Promise<void> {
  const prompt = await backend.prompt(n);
  prompt.start();
  prompt.finish(result);
}
