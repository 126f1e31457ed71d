/**
 * The checks of the protocol, each with prompts of its own: what the bot relies on and only a running ComfyUI shows. Each
 * gives what was seen, throws where the check does not hold, and Skip where there is no occasion for it.
 */
import { probeSocket } from "../src/comfyui/socket_probe.ts";
import { joinSignals, limitSignal, wait } from "../src/lib/abort.ts";
import type { BackendRequest } from "../src/worker/backend.ts";
import { ensure, Skip } from "./check.ts";
import {
  filePrefix,
  follow,
  requestFor,
  type Seen,
  type Server,
  type Trial,
  untilEvent,
} from "./trial.ts";

/** A ComfyUI greets every client that opens its WebSocket. */
const greetingMs = 10_000;
/** An interrupt takes effect at the next step. */
const stopMs = 60_000;

/** A run that has ended well. */
export interface Run {
  readonly trial: Trial;
  readonly request: BackendRequest;
  readonly seen: Seen;
}

export async function checkSocket({ address }: Server, signal: AbortSignal): Promise<string> {
  using limited = limitSignal(signal, greetingMs);
  const { url: baseUrl, headers } = address;
  try {
    await probeSocket({ baseUrl, headers }, `${filePrefix}-socket`, limited.signal);
  } catch (error) {
    ensure(!limited.signal.aborted, `it opens and says nothing in ${greetingMs / 1000} s`);
    throw error;
  }
  return "opens and greets";
}

export function checkProgress(runs: readonly Run[]): string {
  const count = runs.reduce((sum, { seen }) => sum + seen.steps, 0);
  ensure(count > 0, "no run has reported a step");
  return `${count} steps in all`;
}

/** ComfyUI obeys `preview_method` since December 2025, shortly before it got its jobs API. */
export async function checkPreviews(
  { client }: Server,
  runs: readonly Run[],
  signal: AbortSignal,
): Promise<string> {
  const count = runs.reduce((sum, { seen }) => sum + seen.previews, 0);
  if (count > 0) return `${count} in all`;
  const isOld = await client.job(crypto.randomUUID(), signal) === undefined;
  if (isOld) {
    throw new Skip("none: a ComfyUI older than 2026 sends them with --preview-method alone");
  }
  throw new Error("no run has sent one");
}

export async function checkHistory(
  server: Server,
  { request, seen }: Run,
  signal: AbortSignal,
): Promise<string> {
  await using backend = server.connect();
  const again = await follow(backend, request, signal);
  ensure(again.attached, "it was not found, and rendered a second time");
  const { bytes } = seen.picture;
  ensure(
    bytes.length === again.picture.bytes.length &&
      bytes.every((byte, at) => byte === again.picture.bytes[at]),
    "another picture came",
  );
  return "the same picture, not rendered again";
}

export async function checkReconnect(
  server: Server,
  { trial }: Run,
  signal: AbortSignal,
): Promise<string> {
  const request = requestFor(server, trial, { long: true });
  {
    await using backend = server.connect();
    const events = backend.run(request, { signal })[Symbol.asyncIterator]();
    if (await untilEvent(events, "step") === "done") {
      throw new Skip("the run was over before a step of it was seen");
    }
  }
  await using another = server.connect();
  const { attached, steps, picture } = await follow(another, request, signal);
  ensure(attached, "it was not found, and submitted a second time");
  ensure(steps > 0, "no step came on the second connection");
  return `attached; ${steps} further steps, ${picture.bytes.length} bytes`;
}

export async function checkCancel(
  server: Server,
  { trial }: Run,
  signal: AbortSignal,
): Promise<string> {
  const running = requestFor(server, trial, { long: true });
  const waiting = requestFor(server, trial, { long: true });
  {
    await using backend = server.connect();
    const person = new AbortController();
    using either = joinSignals(signal, person.signal);
    const begin = (request: BackendRequest) =>
      backend.run(request, { signal: either.signal })[Symbol.asyncIterator]();
    const first = begin(running);
    const seen = await untilEvent(first, "step");
    const second = begin(waiting);
    await untilEvent(second, "accepted");
    person.abort(new Error("cancelled"));
    await Promise.allSettled([untilEvent(first, "done"), untilEvent(second, "done")]);
    signal.throwIfAborted();
    if (seen === "done") throw new Skip("the run was over before a step of it was seen");
  }
  const stopped = await untilStopped(server, [running, waiting], signal);
  return `out of ComfyUI's queue ${stopped} ms later, neither rendered`;
}

/** Waits until neither is in ComfyUI's queue; gives how long it took. Throws where one was rendered all the same. */
async function untilStopped(
  { client }: Server,
  requests: readonly BackendRequest[],
  signal: AbortSignal,
): Promise<number> {
  const ids = requests.map(({ promptId }) => promptId);
  const since = performance.now();
  const passed = () => Math.round(performance.now() - since);
  for (;;) {
    const { running, pending } = await client.queue(signal);
    if (![...running, ...pending].some(({ promptId }) => ids.includes(promptId))) break;
    ensure(passed() < stopMs, `still in ComfyUI's queue ${stopMs / 1000} s later`);
    await wait(100, signal);
  }
  const stoppedMs = passed();
  for (const id of ids) {
    const entry = await client.history(id, signal);
    ensure(!entry || entry.interrupted !== undefined, "one was rendered all the same");
  }
  return stoppedMs;
}

export async function checkJobsApi(
  { client }: Server,
  { request }: Run,
  signal: AbortSignal,
): Promise<string> {
  const job = await client.job(request.promptId, signal);
  if (!job) throw new Skip("there is none: history and queue are asked instead");
  ensure(job.type === "ended", `it says "${job.type}" of a prompt that has ended`);
  return "answers";
}
