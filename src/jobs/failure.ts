/** Why a job ended without a result: from the error that ended it to the one of the few reasons that a person is told. */
import {
  InvalidParametersError,
  messageOf,
  PromptLostError,
  TemplateGoneError,
  WorkflowInterruptedError,
  WorkflowRefusedError,
  WorkflowTimeoutError,
} from "../lib/errors.ts";
import type { FailReason, KeptReason } from "./job.ts";

/** Its person gave the job up: not a failure. */
export class CancelledError extends Error {}

/** Telegram does not take the result: it is kept for its person. */
export class UndeliverableError extends Error {
  constructor(readonly kept: KeptReason) {
    super(`Cannot deliver: refused for its ${kept}; the result is kept`);
  }
}

/** What a person is told of the error that ended their job. */
export function failReasonOf(error: unknown): FailReason {
  if (error instanceof WorkflowTimeoutError) return "timeout";
  if (error instanceof WorkflowInterruptedError) return "interrupted";
  if (error instanceof PromptLostError) return "crashed";
  if (error instanceof InvalidParametersError) return "picture_gone";
  if (error instanceof TemplateGoneError) return "template_gone";
  if (error instanceof UndeliverableError) return "undeliverable";
  if (/out of memory|OutOfMemory|Allocation on device/i.test(messageOf(error))) {
    return "out_of_memory";
  }
  return error instanceof WorkflowRefusedError ? "refused" : "execution";
}
