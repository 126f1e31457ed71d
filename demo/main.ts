/**
 * `deno task demo`: the bot without a token and without a GPU. Starts an emulated Telegram, a simulated ComfyUI, the
 * real bot between them, and a chat page in the browser. Owns the order of starting and stopping, and the command line.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  addCutoutTemplate,
  cutoutClasses,
  ownTemplates,
  type SimulatedComfyUI,
  startComfyUI,
} from "../lab/comfyui/mod.ts";
import { startTelegram, type Telegram } from "../lab/telegram/mod.ts";
import { startBot } from "./bot_process.ts";
import { servePage } from "./server/page_server.ts";
import type { PageWorld } from "./server/world.ts";

export interface DemoOptions {
  /** Port of the page; the next free one is taken. 0 lets the system choose. Default 8600. */
  readonly port?: number;
  /** A compiled bot to run in place of main.ts. */
  readonly binary?: string;
  /** How much faster ComfyUI works than the 0.4 s a step that are pleasant to watch. Default 1. */
  readonly speed?: number;
  /** Telegram knows neither drafts nor ephemeral messages, as before Bot API 9.3. Default false. */
  readonly oldTelegram?: boolean;
  /** A folder for the bot's files, kept afterwards; otherwise a temporary one is made and removed. */
  readonly keep?: string;
  /** Hears the bot's last lines when it dies again and again and is given up. */
  readonly onBotFailed?: (output: readonly string[]) => void;
}

/** A running demo. */
export interface Demo {
  /** The page's address. */
  readonly url: string;
  readonly telegram: Telegram;
  readonly comfyui: SimulatedComfyUI;
  stop(): Promise<void>;
}

const STEP_MS = 400;
const ANNA = { id: 501, first_name: "Anna", username: "anna_demo" };
const BEN = { id: 502, first_name: "Ben", username: "ben_demo" };

/** Starts everything on loopback; where a part cannot start, those before it are stopped. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  await using starting = new AsyncDisposableStack();
  const { port = 8600, speed = 1, oldTelegram = false, keep } = options;

  const folder = keep ?? await Deno.makeTempDir({ prefix: "image-edit-demo-" });
  if (keep === undefined) starting.defer(() => Deno.remove(folder, { recursive: true }));
  else await Deno.mkdir(folder, { recursive: true });

  const telegram = await startTelegram({
    bot: { first_name: "Image Edit", username: "image_edit_demo_bot" },
    ...(oldTelegram ? { knows: { drafts: false, ephemeral: false } } : {}),
  });
  starting.defer(() => telegram.stop());
  const visitors = [
    { person: telegram.person(ANNA), isAdmin: true },
    { person: telegram.person(BEN), isAdmin: false },
  ];
  const members = visitors.map(({ person }) => person);
  const group = telegram.group({ id: -1_001_700_000_001, title: "Photo club", members });

  const comfyui = await startComfyUI({
    stepMs: STEP_MS / speed,
    previews: "latent2rgb",
    templates: ownTemplates(),
    objectInfo: cutoutClasses,
  });
  starting.defer(() => comfyui.stop());

  const guests = [...visitors.map(({ person }) => person.id), group.id];
  await Deno.writeTextFile(`${folder}/config.yaml`, `access: { allow: [${guests.join(", ")}] }\n`);

  // ComfyUI has no node of its own that cuts out: this one is the owner's.
  await addCutoutTemplate(folder);

  let refresh = () => {};
  const bot = startBot({
    ...commandOf(options.binary),
    cwd: folder,
    env: {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.url,
      COMFYUI_HOST: comfyui.host,
      COMFYUI_PORT: String(comfyui.port),
      DATA_DIR: `${folder}/data`,
      LOGS_DIR: `${folder}/logs`,
      ADMIN_USER_IDS: String(ANNA.id),
    },
  }, {
    onState(state) {
      refresh();
      if (state === "failed") options.onBotFailed?.(bot.output);
    },
  });
  starting.defer(() => bot.stop());

  const world: PageWorld = { telegram, comfyui, bot, visitors, group };
  const page = servePage(world, { port });
  starting.defer(() => page.stop());
  refresh = page.refresh;

  const started = starting.move();
  return { url: page.url, telegram, comfyui, stop: () => started.disposeAsync() };
}

/** How the bot is run: the binary, or main.ts with the flags of the `start` task. */
function commandOf(binary: string | undefined): { path: string; args: string[] } {
  if (binary !== undefined) return { path: resolve(binary), args: ["run"] };
  const [config, main] = ["../deno.json", "../main.ts"].map((name) =>
    fileURLToPath(new URL(name, import.meta.url))
  );
  const flags = ["-A", "--unstable-kv", "--unstable-net", "--config"];
  return { path: Deno.execPath(), args: ["run", ...flags, config ?? "", main ?? "", "run"] };
}

const help = `The bot without a token and without a GPU, in your browser.

  deno task demo [--port 8600] [--speed 1] [--old-telegram] [--binary FILE] [--keep DIR]

  --port N         the page's port; the next free one is taken
  --speed N        ComfyUI works N times as fast
  --old-telegram   a Telegram that knows neither drafts nor ephemeral messages
  --binary FILE    run this compiled bot, not main.ts
  --keep DIR       the bot's files go to DIR and stay there
`;

/** The command line; undefined where help was asked for. Throws where an option is not right. */
export function parseOptions(args: readonly string[]): DemoOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string" },
      speed: { type: "string" },
      binary: { type: "string" },
      keep: { type: "string" },
      "old-telegram": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const number = (name: "port" | "speed", min: number, max: number) => {
    const value = Number(values[name]);
    if (values[name] !== undefined && !(value >= min && value <= max)) {
      throw new Error(`Cannot take --${name} ${values[name]} (wanted a number, ${min} to ${max})`);
    }
    return values[name] === undefined ? {} : { [name]: value };
  };
  return {
    ...number("port", 0, 65_535),
    ...number("speed", 0.1, 100),
    ...(values.binary === undefined ? {} : { binary: values.binary }),
    ...(values.keep === undefined ? {} : { keep: resolve(values.keep) }),
    oldTelegram: values["old-telegram"],
  };
}

async function main(): Promise<void> {
  let options: DemoOptions | undefined;
  try {
    options = parseOptions(Deno.args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`);
    Deno.exit(2);
  }
  if (options === undefined) return console.log(help);
  const ended = new Promise<void>((resolve) => {
    // SIGHUP: its terminal was closed, for which the bot would only read its files again, and live on.
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(name, resolve);
    }
  });
  const demo = await startDemo({
    ...options,
    onBotFailed: (output) => console.error(`The bot does not start:\n${output.join("\n")}`),
  });
  console.log(`Open ${demo.url}

There is no AI here: Telegram is emulated, and the simulated ComfyUI only recolours, stretches and mirrors pictures.
The bot between them is the real one. Ctrl-C stops everything.`);
  await ended;
  console.log("Stopping…");
  await demo.stop();
  Deno.exit(0);
}

if (import.meta.main) await main();
