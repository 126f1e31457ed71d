/**
 * What bot and worker tell each other through the engine: announcements, runs with their events and outcomes, and calls. Either side
 * reads the other's as foreign input. Pure.
 */
import { z } from "zod";
import { BackendFile } from "../jobs/mod.ts";
import {
  BotError,
  ComfyUIConnectionError,
  messageOf,
  PromptLostError,
  ResultGoneError,
  WorkflowExecutionError,
  WorkflowInterruptedError,
  WorkflowRefusedError,
} from "../lib/mod.ts";
import { type BackendEvent, PromptCopies } from "../worker/mod.ts";

/** Counts up with every change that the other side would misread. */
export const protocol = 1;

/** How often a worker announces itself, and how long that is valid. */
export const beatMs = 2_000;
export const aliveMs = 8_000;

const text = z.string().max(1_000);
const promptId = z.uuid();
const mime = z.string().max(100);

/** Where the pictures of a run are on their way. */
const picturePlace = z.enum(["engine", "bucket"]);
export type PicturePlace = z.infer<typeof picturePlace>;

/** The key of a run's picture: what it is made of, or what it has become. */
export const pictureKey = (promptId: string, folder: "in" | "out", index: number) =>
  `${promptId}/${folder}/${index}`;

/** True where every key is one of the run's: whatever the other side says, nothing else is read or removed for it. */
function areOf(
  promptId: string,
  folder: "in" | "out",
  refs: readonly { readonly key: string }[],
): boolean {
  return refs.every(({ key }) => {
    const index = parseInt(key.slice(key.lastIndexOf("/") + 1));
    return index >= 0 && key === pictureKey(promptId, folder, index);
  });
}

/** A picture that waits under `key`. */
export const FileRef = z.object({ key: z.string().max(200), mime });
export type FileRef = Readonly<z.infer<typeof FileRef>>;

const devices = z.array(z.object({
  name: text,
  vramTotal: z.number().nonnegative(),
  vramFree: z.number().nonnegative(),
})).max(64);

/** What a worker says of itself every `beatMs`. */
export const Announcement = z.object({
  protocol: z.number().int(),
  name: z.string().max(32),
  /** Another one at each start. */
  instance: z.uuid(),
  /** The program's. */
  version: text,
  /** Its ComfyUI; null while that does not answer. */
  comfyui: z.object({ version: text.optional(), devices }).nullable(),
  /** It ends when what it has is done, and takes no more. */
  isLeaving: z.boolean(),
  /** The bucket in which it has left its mark, for messages: pictures may come that way where the bot has the same one. */
  bucket: text.optional(),
  /** Its clock, milliseconds since 1970. */
  at: z.number(),
});
export type Announcement = Readonly<z.infer<typeof Announcement>>;

/** One prompt for a worker: BackendRequest, with the graph filled for the names in `pictures`. */
export const RunData = z.object({
  protocol: z.literal(protocol),
  promptId,
  graph: z.record(
    z.string(),
    z.looseObject({ class_type: z.string(), inputs: z.record(z.string(), z.unknown()) }),
  ),
  outputNode: z.string(),
  previews: z.boolean(),
  pictures: z.array(
    FileRef.extend({ name: z.string().regex(/^[\w.-]{1,200}$/) }),
  ).max(100),
  /** Where these are, and where the results go. */
  picturesIn: picturePlace.default("engine"),
  /** It went to another backend, or was cancelled. */
  isWithdrawn: z.boolean().default(false),
}).refine(({ promptId, pictures }) => areOf(promptId, "in", pictures), {
  error: "a picture is of another run",
});
export type RunData = Readonly<z.infer<typeof RunData>>;

const bytes = z.base64().transform((encoded) => Uint8Array.fromBase64(encoded));
const nodeId = z.string().max(200);

/** BackendEvent, but for the files. */
export const RunEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("accepted"), attached: z.boolean() }),
  z.object({ type: z.literal("started") }),
  z.object({
    type: z.literal("executing"),
    nodeId: nodeId.optional(),
    classType: text.optional(),
  }),
  z.object({ type: z.literal("step"), nodeId, value: z.number(), max: z.number() }),
  z.object({ type: z.literal("preview"), mime, bytes }),
  z.object({ type: z.literal("storage_away") }),
]);

/** An event as it is sent; undefined for those that the outcome holds. */
export function writeEvent(event: BackendEvent): z.input<typeof RunEvent> | undefined {
  switch (event.type) {
    case "preview": {
      const { bytes, mime } = event.picture;
      return { type: "preview", mime, bytes: bytes.toBase64() };
    }
    case "extra":
    case "done":
      return undefined;
    default:
      return event;
  }
}

/** An event as it came; undefined for one that cannot be read. */
export function readEvent(sent: unknown): BackendEvent | undefined {
  const { data: event } = RunEvent.safeParse(sent);
  switch (event?.type) {
    case undefined:
      return undefined;
    case "preview":
      return { type: "preview", picture: event };
    case "executing":
      return { type: "executing", nodeId: event.nodeId, classType: event.classType };
    default:
      return event;
  }
}

/** Errors that tell the bot how to go on, by their names here. */
const kinds = {
  connection: ComfyUIConnectionError,
  interrupted: WorkflowInterruptedError,
  lost: PromptLostError,
  gone: ResultGoneError,
  refused: WorkflowRefusedError,
  execution: WorkflowExecutionError,
} as const;
type Kind = keyof typeof kinds;

const Failed = z.object({
  type: z.literal("failed"),
  kind: z.enum(Object.keys(kinds) as [Kind, ...Kind[]]),
  message: z.string().max(5_000),
  nodeId: nodeId.optional(),
  nodeType: text.optional(),
});
type Failed = z.infer<typeof Failed>;

/** What became of a run. */
export const RunOutcome = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("done"),
    /** The result first, then the others. */
    files: z.tuple([FileRef], FileRef),
    cached: z.boolean(),
    saved: z.array(BackendFile),
  }),
  Failed,
]);
export type RunOutcome = Readonly<z.infer<typeof RunOutcome>>;

/** The data of a run as the engine has it; undefined where it is not the one of that prompt. */
export function readRun(written: unknown, promptId: string): RunData | undefined {
  const { data } = RunData.safeParse(written);
  return data?.promptId === promptId ? data : undefined;
}

/** The outcome of a run as the worker wrote it. Throws where it cannot be read, or names the files of another run. */
export function readOutcome(written: unknown, promptId: string): RunOutcome {
  return RunOutcome.refine(
    (outcome) => outcome.type === "failed" || areOf(promptId, "out", outcome.files),
    { error: "a file is of another run" },
  ).parse(written);
}

export function failedOf(error: unknown): Failed {
  const kind = (Object.keys(kinds) as Kind[]).find((each) => error instanceof kinds[each]);
  const { nodeId, nodeType } = error instanceof WorkflowExecutionError ? error : {};
  return {
    type: "failed",
    kind: kind ?? "execution",
    message: messageOf(error).slice(0, 5_000),
    ...nodeId !== undefined && { nodeId },
    ...nodeType !== undefined && { nodeType },
  };
}

export function errorOf({ kind, message, nodeId, nodeType }: Failed): BotError {
  return new kinds[kind](message, nodeId, nodeType);
}

/** A function of the backend that a worker is asked for, by name: what it takes and what it answers. */
export const calls = {
  health: {
    data: z.null(),
    answer: z.object({
      version: text.optional(),
      devices,
      running: z.array(text),
      pending: z.array(text),
    }),
  },
  catalog: {
    data: z.array(text).max(10_000),
    answer: z.record(z.string(), z.unknown()),
  },
  erase: { data: PromptCopies, answer: z.boolean() },
  free: { data: z.null(), answer: z.null() },
  /** Takes a prompt out, or stops it. */
  withdraw: { data: promptId, answer: z.null() },
} as const;
export type CallName = keyof typeof calls;
export type CallData<N extends CallName> = z.input<(typeof calls)[N]["data"]>;
export type CallAnswer<N extends CallName> = z.output<(typeof calls)[N]["answer"]>;

/** What a worker answers to a call. */
export const CallOutcome = z.discriminatedUnion("type", [
  z.object({ type: z.literal("answer"), value: z.unknown() }),
  Failed,
]);
