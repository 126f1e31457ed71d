/**
 * The stage with many users on it. Owns how requests are told apart and found
 * again in graphs and captions, and the waits for what comes back.
 */
import type { Message } from "grammy/types";
import type { RunRecord } from "../comfyui/mod.ts";
import { hasStarted, openStage, type Stage, type StageOptions } from "../stage.ts";
import type { MessageRef, Person } from "../telegram/mod.ts";
import { until } from "../until.ts";

/** The executable that is measured, or undefined where it has not been built: then the bot runs from its source. */
export function binaryPath(): string | undefined {
  return Deno.env.get("IMAGE_EDIT_BOT");
}

/** A stage with a crowd. */
export interface Stand extends AsyncDisposable {
  readonly stage: Stage;
  readonly people: readonly Person[];
}

export interface StandOptions extends StageOptions {
  /** How many users there are. */
  readonly crowd: number;
}

/** Room for all the jobs of a bench or a chaos run. */
const config = "queue: { max_size: 20000 }\n";
const firstPersonId = 10_001;

/** What puts the bot's state into that database. */
export function onPostgres(url: string): Pick<StageOptions, "config" | "env"> {
  return { config: `${config}state: { url: "\${STATE_URL}" }\n`, env: { STATE_URL: url } };
}

/** What has workers on other hosts alone take the jobs, over that Redis or PostgreSQL. */
export function onQueue(url: string): Pick<StageOptions, "config" | "env"> {
  return {
    config: 'queue: { max_size: 20000, url: "${QUEUE_URL}" }\ncomfyui: { backends: [] }\n',
    env: { QUEUE_URL: url },
  };
}

/** Sets the stand. The first 200 users are admins: whatever an owner lets others do, they may send pictures. */
export async function openStand({ crowd, ...options }: StandOptions): Promise<Stand> {
  const ids = Array.from({ length: crowd }, (_, index) => firstPersonId + index);
  const stage = await openStage({
    config,
    ...options,
    start: false,
    env: { ADMIN_USER_IDS: ids.slice(0, 200).join(","), ...options.env },
  });
  const people = ids.map((id) =>
    stage.telegram.person({ id, first_name: `Person ${id}`, language_code: "en", started: true })
  );
  if (options.start ?? true) {
    stage.start();
    await untilStarted(stage);
  }
  return { stage, people, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

/** Resolves when the bot has asked for updates; gives when that was, milliseconds since 1970. */
export async function untilPolling(stage: Stage, since = 0): Promise<number> {
  const call = await stage.telegram.until(
    () => stage.telegram.calls.find(({ method, at }) => method === "getUpdates" && at >= since),
    { what: "the bot asks for updates" },
  );
  return call.at;
}

/** Resolves when the bot that runs has asked for updates and works: from now on it outlives what it depends on. */
export async function untilStarted(stage: Stage, since = 0): Promise<void> {
  await untilPolling(stage, since);
  await until("the bot has started", () => hasStarted(stage.bot));
}

/** Starts the bot, and kills it as soon as it asks for updates; gives how long that took, in milliseconds. */
export async function startOf(stage: Stage): Promise<number> {
  const from = Date.now();
  const life = stage.start();
  const took = await untilPolling(stage, from) - from;
  life.kill("SIGKILL");
  await life.status;
  return took;
}

/** The words of the `index`th request: unlike all others, and found again in the graph and in the caption. */
export function wordsOf(index: number): string {
  return `job ${index}`;
}

/** The words of a run, from its graph. */
export function wordsOfRun({ graph }: RunRecord): string | undefined {
  return JSON.stringify(graph).match(/"(job \d+)"/)?.[1];
}

/** The words of those requests that more than one of the runs was for. */
export function renderedTwice(runs: readonly RunRecord[]): readonly string[] {
  const same = Map.groupBy(runs, (run) => wordsOfRun(run) ?? run.promptId);
  return [...same].filter(([, { length }]) => length > 1).map(([words]) => words);
}

/** The words of a result, from its caption. */
export function wordsOfCaption(caption: unknown): string | undefined {
  return String(caption).match(/^job \d+/)?.[0];
}

/** The results that reply to a request, as the chat stands now. */
export function resultsFor(stage: Stage, request: MessageRef): readonly Message[] {
  return stage.telegram.messages(request.chat).filter((message) =>
    isResult(message) && message.reply_to_message?.message_id === request.message_id
  );
}

/** True for a picture from the bot. */
export function isResult(message: Message): boolean {
  return message.from?.is_bot === true && (message.photo ?? message.document) !== undefined;
}

/** How many results the crowd has. */
function resultCount({ stage, people }: Stand): number {
  return people.reduce(
    (sum, { privateChat }) => sum + stage.telegram.messages(privateChat).filter(isResult).length,
    0,
  );
}

/** The texts of the bot's messages that are no results: status messages, answers. */
export function othersOf({ stage, people }: Stand): readonly string[] {
  return people.flatMap(({ privateChat }) =>
    stage.telegram.messages(privateChat).filter((message) =>
      message.from?.is_bot && !isResult(message)
    ).map(({ text }) => text ?? "")
  );
}

/** Resolves when every request has its result and no status message is left. */
export async function untilServed(stand: Stand, requests: number, timeoutMs: number) {
  await stand.stage.telegram.until(
    () => resultCount(stand) >= requests && othersOf(stand).length === 0,
    { what: `${requests} results and nothing else`, timeoutMs },
  );
}

/**
 * Keeps `inFlight` requests going until `count` have been sent and answered: the next one goes out when a result comes.
 * `send` sends the one with the given number, from 0.
 */
export async function sendSteadily(
  stand: Stand,
  { count, inFlight, send, signal }: {
    readonly count: number;
    readonly inFlight: number;
    readonly send: (index: number) => Promise<unknown>;
    /** Ends it earlier. */
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  let sent = 0;
  let served = 0;
  const trouble = Promise.withResolvers<never>();
  const sendNext = () => {
    if (sent < count && !signal?.aborted) send(sent++).catch(trouble.reject);
  };
  const off = stand.stage.telegram.onEvent((event) => {
    if (event.type !== "sent" || event.by !== "bot" || !isResult(event.message)) return;
    served++;
    sendNext();
  });
  try {
    for (let i = 0; i < inFlight; i++) sendNext();
    await Promise.race([
      trouble.promise,
      stand.stage.telegram.until(() => served >= count || signal?.aborted, {
        what: `${count} results`,
        timeoutMs: 300_000,
      }),
    ]);
  } finally {
    off();
  }
}
