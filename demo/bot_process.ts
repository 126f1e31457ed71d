/**
 * The real bot as a child process: started, started again when it dies, stopped with SIGTERM. Owns the process and the last
 * lines it wrote. Knows nothing of Telegram, ComfyUI or the page.
 *
 *   running ──dies──▶ waiting ──after restartMs──▶ running
 *      │                 │    (`MAX_QUICK_DEATHS` deaths in a row, each within `quickMs` of its start: failed)
 *      └──── stop() ─────┴──▶ stopped
 */

/** What to run. */
export interface BotCommand {
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where the process stands. */
export type BotState = "running" | "waiting" | "failed" | "stopped";

/** A bot that is kept alive, as systemd would. */
export interface BotProcess {
  readonly state: BotState;
  /** How often it was started again. */
  readonly restarts: number;
  /** The last lines of its output, oldest first. */
  readonly output: readonly string[];
  /** As `kill -9`; it is started again. */
  kill(): void;
  /** SIGTERM, then SIGKILL after `graceMs`; resolves when it has ended. */
  stop(): Promise<void>;
}

export interface BotProcessOptions {
  /** Hears of every change of `state`. */
  readonly onState?: (state: BotState) => void;
  /** Pause before it is started again, in milliseconds. Default 1000. */
  readonly restartMs?: number;
  /** How long `stop` waits for a graceful end, in milliseconds. Default 10 000. */
  readonly graceMs?: number;
  /** A process that dies within this time of its start, in milliseconds, has died at once. Default 3000. */
  readonly quickMs?: number;
}

const KEPT_LINES = 200;
const MAX_QUICK_DEATHS = 3;

/** Starts it. Throws where the executable cannot be started at all. */
export function startBot(command: BotCommand, options: BotProcessOptions = {}): BotProcess {
  const { onState = () => {}, restartMs = 1_000, graceMs = 10_000, quickMs = 3_000 } = options;
  const output: string[] = [];
  let state: BotState = "running";
  let restarts = 0;
  let quickDeaths = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let child = spawn();

  function become(next: BotState): void {
    state = next;
    onState(next);
  }

  function spawn() {
    const startedAt = performance.now();
    const spawned = new Deno.Command(command.path, {
      args: [...command.args],
      cwd: command.cwd,
      env: { ...command.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const read = Promise.all([keep(spawned.stdout), keep(spawned.stderr)]);
    const ended = spawned.status.then(async () => {
      await read;
      if (state !== "running") return;
      quickDeaths = performance.now() - startedAt < quickMs ? quickDeaths + 1 : 0;
      if (quickDeaths >= MAX_QUICK_DEATHS) return become("failed");
      become("waiting");
      timer = setTimeout(() => {
        restarts += 1;
        child = spawn();
        become("running");
      }, restartMs);
    });
    return { process: spawned, ended };
  }

  async function keep(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      output.push(...lines);
      if (output.length > KEPT_LINES) output.splice(0, output.length - KEPT_LINES);
    }
    if (rest !== "") output.push(rest);
  }

  return {
    get state() {
      return state;
    },
    get restarts() {
      return restarts;
    },
    output,
    kill() {
      if (state === "running") signal(child.process, "SIGKILL");
    },
    async stop() {
      const wasRunning = state === "running";
      clearTimeout(timer);
      become("stopped");
      if (wasRunning) signal(child.process, "SIGTERM");
      const last = setTimeout(() => signal(child.process, "SIGKILL"), graceMs);
      await child.ended;
      clearTimeout(last);
    },
  };
}

/** Signals it where it still lives. */
function signal(process: Deno.ChildProcess, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(name);
  } catch (error) {
    // "Child process has already terminated": what was wanted has happened.
    if (!(error instanceof TypeError)) throw error;
  }
}
