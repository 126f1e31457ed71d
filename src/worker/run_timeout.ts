/**
 * Ends a run from our side: when its user cancels the job, or when it shows no progress for too long. Owns what counts as
 * silence. Knows no backend.
 */
import { CancelledError, type Job, type JobQueue } from "../jobs/mod.ts";
import { afterAwake, WorkflowTimeoutError } from "../lib/mod.ts";
import { type BackendEvent, isWaiting } from "./backend.ts";

export interface RunTimeout extends Disposable {
  /** Aborts with CancelledError or WorkflowTimeoutError. */
  readonly signal: AbortSignal;
  /** A sign of life from the backend: restarts the timeout. A prompt that only waits, there or for its pictures, has no time limit. */
  heartbeat(event: BackendEvent): void;
}

/** Watches one run of the job, until disposed of. */
export function startRunTimeout(
  jobId: string,
  { queue, timeoutMs }: { readonly queue: JobQueue; readonly timeoutMs: number },
): RunTimeout {
  const controller = new AbortController();
  const listening = new AbortController();
  const check = (job: Job) => {
    if (job.id === jobId && job.cancelRequestedAt) controller.abort(new CancelledError());
  };
  queue.listen(check, listening.signal);
  // It may have been cancelled since its holder has read its record.
  queue.unsettled([jobId]).forEach(check);
  let timer: Disposable | undefined;
  return {
    signal: controller.signal,
    heartbeat(event) {
      timer?.[Symbol.dispose]();
      if (isWaiting(event) || event.type === "done") return;
      timer = afterAwake(timeoutMs, () => {
        controller.abort(new WorkflowTimeoutError("Cannot wait any longer: no progress"));
      });
    },
    [Symbol.dispose]() {
      timer?.[Symbol.dispose]();
      listening.abort();
    },
  };
}
