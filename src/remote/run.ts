/**
 * One prompt on a worker, as the bot follows it. The events are for progress; the truth is the job in the engine, asked when an event says
 * that it is over and whenever nothing was heard for a second.
 *
 *   look up --over--> collect
 *           --there--> accepted (attached)
 *           --absent--> pictures, graph, into the worker's queue --> accepted
 *   accepted --events…--> ask: there -> on | over -> done or error | absent -> lost
 */
import { getLogger } from "@logtape/logtape";
import {
  ComfyUIConnectionError,
  messageOf,
  PromptLostError,
  ResultGoneError,
  wait,
} from "../lib/mod.ts";
import { type BackendEvent, type BackendRequest, type PictureBytes } from "../worker/mod.ts";
import { transferMs } from "./engine.ts";
import type { Feed } from "./feed.ts";
import {
  errorOf,
  type FileRef,
  pictureKey,
  type PicturePlace,
  protocol,
  readEvent,
  readOutcome,
  readRun,
  type RunOutcome,
} from "./protocol.ts";
import type { EngineJob, WorkerQueue } from "./worker_queue.ts";

const log = getLogger(["bot", "remote"]);

export interface FollowDeps {
  readonly queue: WorkerQueue;
  readonly feed: Feed;
  /** The worker's. */
  readonly name: string;
}

/** How long results stay that were collected: their bot may be killed before it has stored them. */
const collectedMs = 600_000;
const pollMs = 1_000;
/** How often a bucket that is away is asked. */
const bucketMs = 2_000;

/** See Backend.run, but for what happens when the signal aborts. */
export async function* followRun(
  deps: FollowDeps,
  request: BackendRequest,
  signal: AbortSignal,
): AsyncGenerator<BackendEvent, void, void> {
  const { queue, feed } = deps;
  const { promptId } = request;
  let isAccepted = false;
  /** Its pictures cannot be stored or read, by its last event. */
  let isStorageAway = false;
  let job = await queue.find(promptId, signal);
  if (job && !job.outcome) {
    queue.requirePresent();
    yield { type: "accepted", attached: true };
    isAccepted = true;
    const last = readEvent(job.progress);
    if (last && last.type !== "accepted") yield last;
    isStorageAway = last?.type === "storage_away";
  } else if (!job) {
    queue.requirePresent();
    await send(deps, request, signal);
    // From here on the worker may have it, whatever is heard of it.
    yield { type: "accepted", attached: false };
    isAccepted = true;
  }
  for (;;) {
    if (job?.outcome) {
      if (job.outcome.value !== null && job.outcome.value !== undefined) break;
      // The engine went away between the end and its outcome: the worker finds what its ComfyUI has made of it.
      queue.requirePresent();
      await queue.retry(promptId, signal);
      job = undefined;
    }
    const item = await feed.next(pollMs, signal);
    let event = item.type === "progress" ? readEvent(item.data) : undefined;
    if (item.type !== "progress") {
      job = await queue.find(promptId, signal);
      if (!job) {
        throw new PromptLostError(
          "Cannot follow the workflow: it is no longer in the worker's queue",
        );
      }
      if (!job.outcome) queue.requirePresent();
      // The event that ends this wait may have been missed.
      if (isStorageAway) event = readEvent(job.progress);
    }
    if (!event) continue;
    // That it is in the worker's queue was said before; that it waits for no pictures any more was not.
    if (event.type !== "accepted" || isStorageAway) yield event;
    isStorageAway = event.type === "storage_away";
  }
  if (!isAccepted) yield { type: "accepted", attached: true };
  yield* collect(deps, promptId, job, signal);
}

async function send(
  { queue }: FollowDeps,
  { promptId, pictures, fill, outputNode, previews = false }: BackendRequest,
  signal: AbortSignal,
): Promise<void> {
  const uploads = await pictures();
  const keyOf = (i: number) => pictureKey(promptId, "in", i);
  const kept = uploads.map(({ bytes }, i) => ({ key: keyOf(i), bytes }));
  const picturesIn = await queue.putPictures(kept, signal);
  const refs = uploads.map(({ name, mime }, i) => ({ key: keyOf(i), name, mime }));
  const graph = fill(uploads.map(({ name }) => name));
  const data = { protocol, promptId, graph, outputNode, previews, pictures: refs, picturesIn };
  await queue.add("run", data, promptId, signal);
}

/** The result of a job that is over, or its error. */
async function* collect(
  deps: FollowDeps,
  promptId: string,
  job: EngineJob,
  signal: AbortSignal,
): AsyncGenerator<BackendEvent, void, void> {
  const { queue, name } = deps;
  let outcome: RunOutcome;
  try {
    outcome = readOutcome(job.outcome?.value, promptId);
  } catch (error) {
    // The same prompt may be sent again.
    await queue.remove(promptId, signal);
    throw new ComfyUIConnectionError(
      `Cannot read what the worker ${name} has made: ${messageOf(error)}`,
    );
  }
  if (outcome.type === "failed") {
    await queue.remove(promptId, signal);
    throw errorOf(outcome);
  }
  const place = readRun(job.data, promptId)?.picturesIn ?? "engine";
  const { files: [result, ...others], cached, saved } = outcome;
  for (const file of others) {
    yield { type: "extra", picture: yield* loadFile(deps, file, place, signal) };
  }
  const picture = yield* loadFile(deps, result, place, signal);
  try {
    yield { type: "done", picture, cached, saved };
  } finally {
    const keys = outcome.files.map(({ key }) => key);
    await queue.askFiles(place, (files) => files.expire(keys, collectedMs), signal).catch(() => {});
  }
}

/** Waits for a bucket that is away: what is in it was rendered, and nothing else has it. */
async function* loadFile(
  { queue, name }: FollowDeps,
  { key, mime }: FileRef,
  place: PicturePlace,
  signal: AbortSignal,
): AsyncGenerator<BackendEvent, PictureBytes, void> {
  for (;;) {
    try {
      const bytes = await queue.askFiles(place, (files) => files.get(key), signal, transferMs);
      if (bytes) return { bytes, mime };
      break;
    } catch (error) {
      signal.throwIfAborted();
      if (place === "engine" || !(error instanceof ComfyUIConnectionError)) throw error;
      log.warn("A result waits: {error}", { error: error.message, outage: "the bucket" });
      yield { type: "storage_away" };
      await wait(bucketMs, signal);
    }
  }
  throw new ResultGoneError(`Cannot fetch the result of the worker ${name}: it is gone`);
}
