/**
 * Error → exit code and sentence. The codes are those of `sysexits.h`, which systemd shows by name. Does not print.
 */
import {
  BotError,
  ComfyUIConnectionError,
  ConfigError,
  InvalidImageError,
  InvalidParametersError,
  messageOf,
  PromptLostError,
  StateError,
  StorageAwayError,
  WorkflowInterruptedError,
} from "../../lib/mod.ts";

/** Exit codes of `sysexits.h`, and 1 for a check that found something. */
export const exitCode = {
  ok: 0,
  found: 1,
  usage: 64,
  dataErr: 65,
  unavailable: 69,
  software: 70,
  cantCreate: 73,
  tempFail: 75,
  noPerm: 77,
  config: 78,
} as const;

/** SIGINT or SIGTERM came: the reason of `Io.signal`. */
export class StopRequest extends Error {
  /** @param exitCode 128 + the signal's number, as shells report it */
  constructor(readonly exitCode: number) {
    super("Stopped.");
  }
}

/** How a command failed. */
export interface Failure {
  readonly code: number;
  /** A sentence; for a configuration, a line for each problem. */
  readonly message: string;
  /** True where the program is not at fault: a stack would not help. */
  readonly expected: boolean;
}

/** Describes an error that reached the top. */
export function failureOf(error: unknown): Failure {
  if (error instanceof StopRequest) return expected(error.exitCode, error.message);
  if (error instanceof StateError) return expected(error.exitCode, error.message);
  if (error instanceof ComfyUIConnectionError) {
    return expected(exitCode.unavailable, `${error.message} (${startComfyUI})`);
  }
  if (error instanceof BotError) return expected(codeOf(error), error.message);
  return telegramFailure(error) ?? {
    code: exitCode.software,
    message: `Cannot continue: ${messageOf(error)}`,
    expected: false,
  };
}

function codeOf(error: BotError): number {
  if (error instanceof ConfigError) return exitCode.config;
  if (error instanceof PromptLostError || error instanceof StorageAwayError) {
    return exitCode.unavailable;
  }
  if (error instanceof InvalidParametersError || error instanceof InvalidImageError) {
    return exitCode.dataErr;
  }
  return error instanceof WorkflowInterruptedError ? exitCode.tempFail : exitCode.software;
}

/** Advice when ComfyUI does not answer. */
export const startComfyUI = "is it started? systemctl status comfyui";

/** Advice on a webhook; the owner puts the token into the address. */
export const removeWebhook =
  "remove it with the Bot API's method deleteWebhook, TELEGRAM_API_ROOT/bot<token>/deleteWebhook";

/** Errors after which grammY does not try again; they carry `error_code` and `description` of the Bot API. */
function telegramFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !("error_code" in error)) return undefined;
  switch (error.error_code) {
    case 401:
      return expected(
        exitCode.config,
        "Cannot talk to Telegram: it refuses TELEGRAM_BOT_TOKEN (wanted the token that @BotFather shows for this bot)",
      );
    case 409:
      return /webhook/i.test(error.message)
        ? expected(
          exitCode.config,
          `Cannot ask Telegram for messages: this bot has a webhook (${removeWebhook})`,
        )
        : expected(
          exitCode.tempFail,
          "Cannot ask Telegram for messages: another process polls this bot (wanted one process per token)",
        );
    default:
      return undefined;
  }
}

function expected(code: number, message: string): Failure {
  return { code, message, expected: true };
}
