/**
 * One prompt on a worker, as the bot follows it. The events are for progress; the truth is the job in the engine, asked when an event says
 * that it is over and whenever nothing was heard for a second.
 *
 *   look up --over--> collect
 *           --there--> accepted (attached)
 *           --absent--> pictures, graph, into the worker's queue --> accepted
 *   accepted --events…--> ask: there -> on | over -> done or error | absent -> lost
 */
import { ComfyUIConnectionError, messageOf, PromptLostError, ResultGoneError } from "../lib/mod.ts";
import { type BackendEvent, type BackendRequest, type PictureBytes } from "../worker/mod.ts";
import type { EngineFiles } from "./engine.ts";
import type { Feed } from "./feed.ts";
import { errorOf, type FileRef, protocol, readEvent, RunOutcome } from "./protocol.ts";
import type { EngineJob, WorkerQueue } from "./worker_queue.ts";

export interface FollowDeps {
  readonly files: EngineFiles;
  readonly queue: WorkerQueue;
  readonly feed: Feed;
  /** The worker's. */
  readonly name: string;
}

/** How long pictures wait for those who were away. */
export const pictureMs = 86_400_000;
/** How long results stay that were collected: their bot may be killed before it has stored them. */
const collectedMs = 600_000;
const pollMs = 1_000;

/** See Backend.run, but for what happens when the signal aborts. */
export async function* followRun(
  deps: FollowDeps,
  request: BackendRequest,
  signal: AbortSignal,
): AsyncGenerator<BackendEvent, void, void> {
  const { queue, feed } = deps;
  const { promptId } = request;
  let isAccepted = false;
  let job = await queue.find(promptId, signal);
  if (job && !job.outcome) {
    queue.requirePresent();
    yield { type: "accepted", attached: true };
    isAccepted = true;
    const last = readEvent(job.progress);
    if (last && last.type !== "accepted") yield last;
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
    if (item.type === "progress") {
      const event = readEvent(item.data);
      if (event && event.type !== "accepted") yield event;
      continue;
    }
    job = await queue.find(promptId, signal);
    if (!job) {
      throw new PromptLostError(
        "Cannot follow the workflow: it is no longer in the worker's queue",
      );
    }
    if (!job.outcome) queue.requirePresent();
  }
  if (!isAccepted) yield { type: "accepted", attached: true };
  yield* collect(deps, promptId, job, signal);
}

async function send(
  { files, queue }: FollowDeps,
  { promptId, pictures, fill, outputNode, previews = false }: BackendRequest,
  signal: AbortSignal,
): Promise<void> {
  const uploads = await pictures();
  const refs = await Promise.all(uploads.map(async ({ name, mime, bytes }, i) => {
    const key = `${promptId}/in/${i}`;
    await queue.ask(() => files.put(key, bytes, pictureMs), signal);
    return { key, name, mime };
  }));
  const graph = fill(uploads.map(({ name }) => name));
  const data = { protocol, promptId, graph, outputNode, previews, pictures: refs };
  await queue.add("run", data, promptId, signal);
}

/** The result of a job that is over, or its error. */
async function* collect(
  { files, queue, name }: FollowDeps,
  promptId: string,
  { outcome }: EngineJob,
  signal: AbortSignal,
): AsyncGenerator<BackendEvent, void, void> {
  const read = RunOutcome.safeParse(outcome?.value);
  if (!read.success || read.data.type === "failed") {
    // The same prompt may be sent again.
    await queue.remove(promptId, signal);
    if (read.success && read.data.type === "failed") throw errorOf(read.data);
    throw new ComfyUIConnectionError(
      `Cannot read what the worker ${name} has made: ${messageOf(read.error)}`,
    );
  }
  const { files: [result, ...others], cached, saved } = read.data;
  const load = (file: FileRef) => loadFile({ files, queue, name }, file, signal);
  for (const file of others) yield { type: "extra", picture: await load(file) };
  const picture = await load(result);
  try {
    yield { type: "done", picture, cached, saved };
  } finally {
    const keys = read.data.files.map(({ key }) => key);
    await queue.ask(() => files.expire(keys, collectedMs), signal).catch(() => {});
  }
}

async function loadFile(
  { files, queue, name }: Pick<FollowDeps, "files" | "queue" | "name">,
  { key, mime }: FileRef,
  signal: AbortSignal,
): Promise<PictureBytes> {
  const bytes = await queue.ask(() => files.get(key), signal);
  if (bytes) return { bytes, mime };
  throw new ResultGoneError(`Cannot fetch the result of the worker ${name}: it is gone`);
}
