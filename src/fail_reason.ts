/** Why a job ended without a result: from the error that ended it to the one of the few reasons that a person is told. */
import {
  InvalidParametersError,
  messageOf,
  PromptLostError,
  TemplateGoneError,
  WorkflowInterruptedError,
  WorkflowRefusedError,
  WorkflowTimeoutError,
} from "./errors.ts";
import type { FailReason } from "./job.ts";

/** Its person gave the job up: not a failure. */
export class CancelledError extends Error {}

/** The result can never reach its person: they blocked the bot, or the chat is gone. */
export class UndeliverableError extends Error {}

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
