/**
 * ComfyUI's jobs API: where a prompt stands in one question, for which history and queue take up to three, and a cancel with
 * no gap between looking and stopping. ComfyUIs of 2025 have none of it and some of 2026 half of it, and what stands before
 * one may keep it back: nothing depends on it. Owns which part of it answers.
 */
import { z } from "zod";
import { ComfyUIConnectionError } from "../lib/mod.ts";
import { type HistoryEntry, jobAnswer } from "./http_schema.ts";
import { parseJson } from "./json.ts";

/** Where a prompt stands, as the jobs API says it: without the graph of one that waits or runs. */
export type JobStatus =
  | { readonly type: "ended"; readonly entry: HistoryEntry }
  | { readonly type: "running" | "pending" | "absent" };

/**
 * Both questions give undefined where ComfyUI has no answer to them that is known here; that part is not asked again until
 * `relearn`. They reject with the signal's reason alone.
 */
export interface JobsApi {
  job(promptId: string, signal: AbortSignal): Promise<JobStatus | undefined>;
  /**
   * Takes a prompt out of the queue, where it leaves no trace, or interrupts it at its next step. False where it does
   * neither: the prompt has ended, or is not known.
   */
  cancelJob(promptId: string, signal: AbortSignal): Promise<boolean | undefined>;
  /** The connection is a new one: ComfyUI may be a newer one now, or an older one. */
  relearn(): void;
}

export interface JobsCall {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly signal: AbortSignal;
}
type Send = (call: JobsCall) => Promise<{ readonly status: number; readonly bytes: Uint8Array }>;

/** No other 404 is that of a job: a server that does not have the question answers one too, with no body or a page. */
const notFoundAnswer = z.object({ error: z.string().regex(/^job not found\b/i) });
const cancelAnswer = z.object({ cancelled: z.boolean() });

/** Makes the API; `send` rejects with ComfyUIConnectionError where there is no answer at all. */
export function createJobsApi({ send }: { readonly send: Send }): JobsApi {
  const silent = new Set<JobsCall["method"]>();

  async function ask<T>(
    call: JobsCall,
    read: (status: number, body: unknown) => T | undefined,
  ): Promise<T | undefined> {
    if (silent.has(call.method)) return undefined;
    try {
      const { status, bytes } = await send(call);
      const answer = read(status, parseJson(new TextDecoder().decode(bytes)));
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!(error instanceof ComfyUIConnectionError)) throw error;
    }
    silent.add(call.method);
    return undefined;
  }

  return {
    job: (promptId, signal) =>
      ask<JobStatus>({ method: "GET", path: pathOf(promptId), signal }, (status, body) => {
        if (status === 404 && notFoundAnswer.safeParse(body).success) return { type: "absent" };
        const job = status === 200 ? jobAnswer.safeParse(body).data : undefined;
        return job?.id === promptId ? job.status : undefined;
      }),
    cancelJob: (promptId, signal) =>
      ask(
        { method: "POST", path: `${pathOf(promptId)}/cancel`, signal },
        (status, body) => status === 200 ? cancelAnswer.safeParse(body).data?.cancelled : undefined,
      ),
    relearn: () => silent.clear(),
  };
}

function pathOf(promptId: string): string {
  return `api/jobs/${encodeURIComponent(promptId)}`;
}
