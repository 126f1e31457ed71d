/**
 * A stage for end-to-end tests: an emulated Telegram, a simulated ComfyUI and the real bot between them, as a process of
 * its own in a folder of its own. The bot is main.ts, or the binary that IMAGE_EDIT_BOT names.
 */
import type { Message } from "grammy/types";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { permissions } from "../permissions.ts";
import type { ComfyOptions, FaultHandle, SimulatedComfyUI } from "./comfyui/mod.ts";
import { modelsOf2025, startComfyUI } from "./comfyui/mod.ts";
import type { MessageRef, Person, Telegram, TelegramOptions } from "./telegram/mod.ts";
import { startTelegram } from "./telegram/mod.ts";
import { until } from "./until.ts";

/** One life of the bot's process. */
export interface BotLife {
  /** Everything that it has written. */
  output(): string;
  kill(signal: Deno.Signal): void;
  readonly status: Promise<Deno.CommandStatus>;
}

export interface StageOptions {
  readonly telegram?: TelegramOptions;
  readonly comfyui?: ComfyOptions;
  /** config.yaml's text. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** False leaves the bot for the test to start. Default true. */
  readonly start?: boolean;
}

export interface Stage extends AsyncDisposable {
  readonly telegram: Telegram;
  readonly comfyui: SimulatedComfyUI;
  /** The bot's folder: `.env`, config.yaml, data/, logs/. */
  readonly dir: string;
  /** Speaks Russian. */
  readonly anna: Person;
  /** Speaks English. */
  readonly ben: Person;
  /** The life that goes on. */
  readonly bot: BotLife;
  /** Begins a life; the one before must have ended. */
  start(): BotLife;
  /** SIGTERM; resolves when the life has ended. */
  stop(): Promise<void>;
  /** `kill -9`, and a new life. */
  restart(): Promise<void>;
}

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
const config = fileURLToPath(new URL("../deno.json", import.meta.url));

/** The bot's command line with the given arguments. */
export function botCommand(args: readonly string[]): { path: string; args: string[] } {
  const binary = Deno.env.get("IMAGE_EDIT_BOT");
  return binary
    ? { path: resolve(binary), args: [...args] }
    : { path: Deno.execPath(), args: ["run", ...permissions, "--config", config, main, ...args] };
}

/** Begins one life of the bot in `cwd`. */
export function startBot(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): BotLife {
  const command = botCommand(args);
  const child = new Deno.Command(command.path, {
    args: command.args,
    cwd,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const read = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  });
  return {
    output: () => output,
    kill: (signal) => child.kill(signal),
    status: child.status.then(async (status) => {
      await Promise.all(read);
      return status;
    }),
  };
}

/** True from when its stores are read and it works; a bot asks for updates before that. */
export function hasStarted(life: Pick<BotLife, "output">): boolean {
  return /Started with \d+ waiting jobs/.test(life.output());
}

/** A simulated ComfyUI with short steps that decodes no picture, and has the model files of an owner of 2025. */
export function startQuickComfyUI(options: ComfyOptions = {}): Promise<SimulatedComfyUI> {
  return startComfyUI({ stepMs: 20, scale: false, models: modelsOf2025, ...options });
}

/** Sets the stage. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const telegram = await startTelegram(options.telegram);
  const comfyui = await startQuickComfyUI(options.comfyui);
  const dir = await Deno.makeTempDir({ prefix: "image-edit-bot-test-" });
  // Everybody may use it, unless the test is about that.
  const access = options.config?.includes("access:") ? "" : "access: { mode: open }\n";
  await Deno.writeTextFile(`${dir}/config.yaml`, access + (options.config ?? ""));
  const env = {
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    COMFYUI_HOST: comfyui.host,
    COMFYUI_PORT: String(comfyui.port),
    ADMIN_USER_IDS: "501",
    ...options.env,
  };
  const lives: BotLife[] = [];
  const start = () => {
    const life = startBot(["run"], { cwd: dir, env });
    lives.push(life);
    return life;
  };
  if (options.start ?? true) start();
  const bot = () => {
    const life = lives.at(-1);
    if (!life) throw new Error("the bot was not started");
    return life;
  };
  return {
    telegram,
    comfyui,
    dir,
    anna: telegram.person({ id: 501, first_name: "Anna", language_code: "ru" }),
    ben: telegram.person({ id: 502, first_name: "Ben", language_code: "en" }),
    get bot() {
      return bot();
    },
    start,
    async stop() {
      bot().kill("SIGTERM");
      await bot().status;
    },
    async restart() {
      bot().kill("SIGKILL");
      await bot().status;
      start();
    },
    async [Symbol.asyncDispose]() {
      const life = lives.at(-1);
      if (life) {
        try {
          life.kill("SIGKILL");
        } catch {
          // It has ended by itself.
        }
        await life.status;
      }
      await telegram.stop();
      await comfyui.stop();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** Keeps the next run, or the next with these words, in its sampler until this is removed: at the start or after a step. */
export function holdRun(
  { comfyui }: Pick<Stage, "comfyui">,
  { afterStep = 0, words = "" }: { readonly afterStep?: number; readonly words?: string } = {},
): FaultHandle {
  return comfyui.faults.add({
    kind: "stuck",
    times: 1,
    afterStep,
    match: ({ graph }) => JSON.stringify(graph).includes(words),
  });
}

/** What the bot has said in a user's private chat, as the chat stands now. */
export function said(stage: Stage, person: Person): readonly Message[] {
  return stage.telegram.messages(person.privateChat).filter((message) => message.from?.is_bot);
}

/** Waits for a message of the bot with these words and gives it. */
export function untilSaid(stage: Stage, person: Person, words: string | RegExp): Promise<Message> {
  return stage.telegram.until(
    () =>
      said(stage, person).findLast((message) => {
        const text = message.text ?? message.caption ?? "";
        return typeof words === "string" ? text.includes(words) : words.test(text);
      }),
    { what: `the bot says ${words}` },
  );
}

/** A Bot API server that is too old for message drafts: every job has a status message. */
export const noDrafts: TelegramOptions = { knows: { drafts: false } };

/** Waits until a job's state is shown to a user with these words, in the draft or in a status message. */
export function untilShown(stage: Stage, person: Person, words: RegExp): Promise<string> {
  return stage.telegram.until(
    () =>
      [
        stage.telegram.draft(person.privateChat)?.text,
        ...said(stage, person).map(({ text, caption }) => text ?? caption),
      ].find((text) => text !== undefined && words.test(text)),
    { what: `${words} is shown` },
  );
}

/** Results in the chat: the bot's photos and files. A photo that can be cancelled is a preview, one that can be tried the example. */
export function results(stage: Stage, person: Person): readonly Message[] {
  return said(stage, person).filter((message) =>
    (message.photo ?? message.document) && !isCancellable(message) && !hasButton(message, /^e$/)
  );
}

/** True for a job's status message. */
export function isCancellable(message: Message): boolean {
  return hasButton(message, /^x:/);
}

function hasButton(message: Message, data: RegExp): boolean {
  return message.reply_markup?.inline_keyboard.flat().some((button) =>
    "callback_data" in button && data.test(button.callback_data)
  ) ?? false;
}

/** Waits until the bot has delivered so many pictures to a user. */
export function untilResults(stage: Stage, person: Person, count = 1): Promise<readonly Message[]> {
  return stage.telegram.until(
    () => results(stage, person).length >= count && results(stage, person),
    { what: `${count} results` },
  );
}

/** Waits until the life that goes on has settled so many jobs: nothing of them is sent any more. */
export function untilDone(stage: Stage, jobs = 1): Promise<unknown> {
  return until(
    `${jobs} jobs are done`,
    () => (stage.bot.output().match(/Job \w+ is done/g)?.length ?? 0) >= jobs,
  );
}

/** Waits until the bot serves its metrics and gives `http://HOST:PORT`, to which `/metrics` and the like are added. */
export function untilMetrics(stage: Stage): Promise<string> {
  return until(
    "the address of the metrics",
    () => /Metrics are at (http:[^\s"]+)\/metrics/.exec(stage.bot.output())?.[1],
  );
}

/** A reply of the bot to that very message. */
export function untilReply(stage: Stage, message: MessageRef): Promise<Message> {
  return stage.telegram.until(
    () =>
      stage.telegram.messages(message.chat).findLast((other) =>
        other.from?.is_bot && other.reply_to_message?.message_id === message.message_id
      ),
    { what: `a reply to ${message.message_id}` },
  );
}

/** The labels of a message's buttons, row by row. */
export function buttons(message: Message): readonly (readonly string[])[] {
  return message.reply_markup?.inline_keyboard.map((row) => row.map((button) => button.text)) ?? [];
}

/** Names of the files in one of DATA_DIR's folders. */
export function filesIn(stage: Stage, folder: "input" | "output" | "temp"): readonly string[] {
  return [...Deno.readDirSync(`${stage.dir}/data/${folder}`)].map(({ name }) => name).sort();
}

/** Names of the files in DATA_DIR/backups; none where there is no such folder yet. */
export function backupsOf(stage: Stage): readonly string[] {
  try {
    return [...Deno.readDirSync(`${stage.dir}/data/backups`)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
