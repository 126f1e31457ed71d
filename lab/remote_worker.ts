/** Workers of the program, each with a simulated ComfyUI and a folder of its own, for tests and bench. */
import type { BucketServer } from "./servers/bucket.ts";
import type { ComfyOptions, SimulatedComfyUI } from "./comfyui/mod.ts";
import { canServePostgres, startPostgres } from "./servers/postgres.ts";
import { canServeRedis, startRedis } from "./servers/redis.ts";
import { type BotLife, type Stage, startBot, startQuickComfyUI } from "./stage.ts";
import { until } from "./until.ts";

/** The servers that a queue can be on. */
export const queueEngines = [
  { engine: "Redis", canServe: canServeRedis, start: startRedis },
  { engine: "PostgreSQL", canServe: canServePostgres, start: startPostgres },
] as const;

export interface RemoteWorker extends AsyncDisposable {
  readonly name: string;
  readonly comfyui: SimulatedComfyUI;
  /** The life that goes on. */
  readonly life: BotLife;
  /** `kill -9`; resolves when it has ended. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code when it has ended. */
  stop(): Promise<number>;
  /** Begins another life. */
  start(): BotLife;
}

/** Starts one; `url` is `queue.url`. */
export async function startWorker(
  { name, url, comfyui: options, bucket }: {
    readonly name: string;
    readonly url: string;
    readonly comfyui?: ComfyOptions;
    /** For its pictures on their way. Default: none. */
    readonly bucket?: Pick<BucketServer, "url" | "env">;
  },
): Promise<RemoteWorker> {
  const comfyui = await startQuickComfyUI(options);
  const dir = await Deno.makeTempDir({ prefix: "image-edit-bot-worker-" });
  await Deno.writeTextFile(
    `${dir}/config.yaml`,
    `queue: { url: "\${QUEUE_URL}" }\nworker: { name: "${name}" }\n` +
      (bucket ? `storage: { url: "${bucket.url}" }\n` : ""),
  );
  const env = {
    QUEUE_URL: url,
    COMFYUI_HOST: comfyui.host,
    COMFYUI_PORT: String(comfyui.port),
    ...bucket?.env,
  };
  const start = () => startBot(["worker"], { cwd: dir, env });
  let life = start();
  async function end(signal: Deno.Signal): Promise<number> {
    try {
      life.kill(signal);
    } catch {
      // It has ended by itself.
    }
    return (await life.status).code;
  }
  return {
    name,
    comfyui,
    get life() {
      return life;
    },
    kill: async () => void await end("SIGKILL"),
    stop: () => end("SIGTERM"),
    start: () => life = start(),
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      await comfyui.stop();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** Resolves when the bot knows that they take jobs. */
export async function untilJoined(
  stage: Pick<Stage, "bot">,
  ...workers: readonly RemoteWorker[]
): Promise<void> {
  for (const { name } of workers) {
    await until(`${name} joins`, () => stage.bot.output().includes(`${name} has joined`));
  }
}
