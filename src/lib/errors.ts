/**
 * The closed family of errors, split by who failed, and the message of anything thrown. Owns how messages read:
 * "Cannot <act>: <what is> (wanted <what should be>)", never with a token or a URL that has one.
 */

/** Base of every error that this program raises on purpose. */
export abstract class BotError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** ComfyUI cannot be reached, or answers rubbish: the job is innocent and may be tried again. */
export class ComfyUIConnectionError extends BotError {}

/** ComfyUI took the graph and could not run it, or refused it: the job has failed. */
export class WorkflowExecutionError extends BotError {
  /** @param nodeId the graph's node that failed, where ComfyUI names one */
  constructor(
    message: string,
    readonly nodeId?: string,
    readonly nodeType?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** ComfyUI did not take the graph: a node, a model or a value is not there. The server is not set up for it. */
export class WorkflowRefusedError extends WorkflowExecutionError {}

/** ComfyUI made the result and has its file no more: it was deleted before it was fetched. */
export class ResultGoneError extends WorkflowExecutionError {}

/** ComfyUI was told by another client to stop the prompt (`execution_interrupted`). */
export class WorkflowInterruptedError extends BotError {}

/** The template that the job was made for is not there any more. */
export class TemplateGoneError extends BotError {}

/** ComfyUI forgot the prompt: it restarted. Submitting it again with the same seed is right. */
export class PromptLostError extends BotError {}

/** Nothing was heard of a running prompt for `queue.timeout_seconds`. */
export class WorkflowTimeoutError extends BotError {}

/** Parameters that no job can be made of; `problems` holds one entry a parameter. */
export class InvalidParametersError extends BotError {}

/** A picture that is none, is too large or has a format that is not allowed. */
export class InvalidImageError extends BotError {}

/** Configuration that cannot be used; the message starts with `file:line:column`. */
export class ConfigError extends BotError {}

/** A record, or what has to be written at once, is larger than the store takes. The same will be refused again. */
export class RecordTooLargeError extends BotError {}

/** The bucket with the pictures or the database with the state cannot be reached, or refuses: the same may succeed later. */
export class StorageAwayError extends BotError {}

/** The database with the state, of all stores: nothing can be decided until it is back, and then the same goes on. */
export class StateAwayError extends StorageAwayError {}

/** The state cannot be used: locked or taken over by another process, damaged, read-only, of a newer version. */
export class StateError extends BotError {
  constructor(message: string, readonly exitCode: number, options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * True where the disk did not take something, in the words of SQLite and of the system: it is full (ENOSPC), over a quota
 * (EDQUOT), read-only (EROFS) or answers with errors (EIO); and for a bucket or a database in its place. The same may succeed later.
 */
export function isDiskError(error: unknown): boolean {
  return error instanceof StorageAwayError ||
    /disk is full|disk I\/O error|readonly database|\(os error (5|28|30|122)\)/.test(
      messageOf(error),
    );
}

/** The message of anything thrown, on one line; of a call that grammY could not make, with why. */
export function messageOf(error: unknown): string {
  const message = oneLine(error instanceof Error ? error.message : String(error));
  const inner = error instanceof Error && error.name === "HttpError" ? innerOf(error) : undefined;
  return inner === undefined ? message : `${message} (${networkReason(inner)})`;
}

/** What the runtime's words for a failed connection come to, in ours: they differ from version to version. */
const networkReasons: readonly (readonly [words: RegExp, reason: string])[] = [
  [/connection refused/i, "connection refused"],
  [/timed out|timeout/i, "timed out"],
  [/dns error|lookup address|name or service not known/i, "name not found"],
  [
    /corrupt message|InvalidContentType/i,
    "the server does not use TLS (wanted http://, or an https server)",
  ],
  [/invalid HTTP version/i, "the server does not speak HTTP (wanted https://, or an http server)"],
  [
    /connection (closed|reset)|broken pipe|unexpected (end of file|eof)|close_notify/i,
    "connection closed",
  ],
  [/network is unreachable/i, "network unreachable"],
  [/no route to host|host is (unreachable|down)/i, "host unreachable"],
];

/** More than any chain has; one may lead in a circle. */
const maxCauses = 8;

/**
 * Why a connection failed, on one line and in the same words on every version of the runtime, which tells it in the error's
 * message or in its causes. Holds no URL: one may have a token in it.
 */
export function networkReason(error: unknown): string {
  const messages: string[] = [];
  for (let each = error; each !== undefined && messages.length < maxCauses; each = innerOf(each)) {
    messages.push(oneLine(each instanceof Error ? each.message : String(each)));
  }
  const told = messages.map((message) => message.replaceAll(/\b(?:https?|wss?):\/\/[^\s)]*/g, ""));
  const [, certificate] = /certificate: (.*)/.exec(told.join("\n")) ?? [];
  if (certificate !== undefined) return `certificate not accepted: ${certificate}`;
  const [, status] = /Invalid status code: (\d+)/.exec(told.join("\n")) ?? [];
  if (status !== undefined) return `status ${status}`;
  const known = networkReasons.find(([words]) => told.some((message) => words.test(message)));
  return known?.[1] ?? (told.at(-1)?.split(": ").at(-1)?.trim() || "no connection");
}

function innerOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  // grammY's HttpError has no cause, but an `error`.
  return error.cause ?? ("error" in error ? error.error : undefined);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}
