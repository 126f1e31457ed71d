/**
 * A worker on another host as a Backend. Owns how its absence shows: it is away when its announcement is missing, its ComfyUI does not
 * answer, or the engine does not. What it has done by then is in the engine all the same.
 */
import type { z } from "zod";
import { ComfyUIConnectionError, joinSignals, limitSignal } from "../lib/mod.ts";
import { type Backend } from "../worker/mod.ts";
import { Catalog } from "./catalog_schema.ts";
import {
  type CallAnswer,
  type CallData,
  type CallName,
  CallOutcome,
  calls,
  errorOf,
  type FileRef,
  readOutcome,
  readRun,
  type RunData,
} from "./protocol.ts";
import { followRun } from "./run.ts";
import { createWorkerQueue, type WorkerQueueDeps } from "./worker_queue.ts";

/** How long the worker may take for an answer, and how soon its absence is noticed. */
const callMs = 15_000;
const pollMs = 1_000;

/** Connects when it is first used. */
export function createRemoteBackend(deps: WorkerQueueDeps, name: string): Backend {
  const lifetime = new AbortController();
  const queue = createWorkerQueue(deps, name);

  /** Has the worker do something, and gives its answer. */
  async function call<N extends CallName>(
    callName: N,
    data: CallData<N>,
    signal: AbortSignal,
  ): Promise<CallAnswer<N>> {
    queue.requirePresent();
    const jobId = crypto.randomUUID();
    using limit = limitSignal(signal, callMs);
    using either = joinSignals(limit.signal, lifetime.signal);
    using feed = await queue.listen(jobId, either.signal);
    try {
      await queue.add(callName, data, jobId, either.signal);
      for (;;) {
        const item = await feed.next(pollMs, either.signal);
        if (item.type === "silent") queue.requirePresent();
        const job = await queue.find(jobId, either.signal);
        if (job?.outcome) return readAnswer(callName, job.outcome.value);
      }
    } catch (error) {
      signal.throwIfAborted();
      lifetime.signal.throwIfAborted();
      if (!limit.signal.aborted) throw error;
      throw new ComfyUIConnectionError(`Cannot ask the worker ${name}: no answer`);
    } finally {
      queue.remove(jobId, lifetime.signal).catch(() => {}); // it goes by itself after a while
    }
  }

  function readAnswer<N extends CallName>(callName: N, value: unknown): CallAnswer<N> {
    const outcome = CallOutcome.safeParse(value).data;
    if (outcome?.type === "failed") throw errorOf(outcome);
    const answer: z.ZodType = calls[callName].answer;
    const parsed = outcome && answer.safeParse(outcome.value);
    if (parsed?.success) return parsed.data as CallAnswer<N>;
    throw new ComfyUIConnectionError(`Cannot read what the worker ${name} answers to ${callName}`);
  }

  async function removePictures(
    { picturesIn }: Pick<RunData, "picturesIn">,
    refs: readonly FileRef[],
    signal: AbortSignal,
  ): Promise<void> {
    const keys = refs.map(({ key }) => key);
    await queue.askFiles(picturesIn, (files) => files.remove(keys), signal);
  }

  /** Also while the worker is away: when it is back, it is not to begin. */
  async function withdraw(promptId: string, signal: AbortSignal): Promise<void> {
    const job = await queue.find(promptId, signal);
    if (job?.outcome) return;
    let isRemoved = false;
    if (job) {
      const data = readRun(job.data, promptId);
      if (data) await queue.setData(promptId, { ...data, isWithdrawn: true }, signal);
      isRemoved = await queue.remove(promptId, signal);
      // A bucket that is away must not keep ComfyUI busy: they expire.
      if (data) void removePictures(data, data.pictures, signal).catch(() => {});
    }
    // Its ComfyUI may have it.
    if (!isRemoved || job?.isTaken) await call("withdraw", promptId, signal);
  }

  return {
    name,
    async *run(request, { signal }) {
      const { promptId } = request;
      using either = joinSignals(signal, lifetime.signal);
      try {
        using feed = await queue.listen(promptId, either.signal);
        yield* followRun({ queue, feed, name }, request, either.signal);
      } catch (error) {
        // Where it is away, it was told so in its queue.
        if (signal.aborted) await withdraw(promptId, lifetime.signal).catch(() => {});
        throw signal.aborted ? signal.reason : error;
      }
    },
    interrupt: (promptId, { signal }) => withdraw(promptId, signal),
    async health({ signal }) {
      const { version, ...health } = await call("health", null, signal);
      return { version, ...health };
    },
    async catalog(classTypes, { signal }) {
      const answer = Catalog.safeParse(await call("catalog", [...classTypes], signal));
      if (answer.success) return answer.data;
      throw new ComfyUIConnectionError(`Cannot read which nodes the worker ${name} has`);
    },
    async erase(copies, { signal }) {
      const { promptId } = copies;
      const job = await queue.find(promptId, signal);
      if (job && !job.outcome) return false;
      if (job) {
        const data = readRun(job.data, promptId);
        const results = resultsOf(job.outcome?.value, promptId);
        if (data) await removePictures(data, [...data.pictures, ...results], signal);
        await queue.remove(promptId, signal);
      }
      return await call("erase", copies, signal);
    },
    async free({ signal }) {
      await call("free", null, signal);
    },
    async [Symbol.asyncDispose]() {
      lifetime.abort(new ComfyUIConnectionError(`Cannot use the worker ${name}: it is closed`));
      await queue[Symbol.asyncDispose]();
    },
  };
}

/** None where the outcome cannot be read. */
function resultsOf(outcome: unknown, promptId: string): readonly FileRef[] {
  try {
    const read = readOutcome(outcome, promptId);
    return read.type === "done" ? read.files : [];
  } catch {
    return [];
  }
}
