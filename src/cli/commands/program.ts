/** What the commands have in common that run until SIGTERM: their log, and what the service manager is told of them. */
import { getLogger } from "@logtape/logtape";
import { type Config, secretsOf } from "../../config/mod.ts";
import {
  createLiveness,
  type Liveness,
  runWatchdog,
  setUpLogging,
  type Supervisor,
} from "../../monitoring/mod.ts";
import { type Context } from "../core/mod.ts";

/** Logs from now on, also the failure that ends the program. Gives what goes on logging with other settings. */
export async function openLog(
  { io, resources, reportWith }: Pick<Context, "io" | "resources" | "reportWith">,
  config: Config,
): Promise<(logging: Config["logging"]) => Promise<void>> {
  const logTo = async (logging: Config["logging"]) => {
    resources.use(
      await setUpLogging(logging, {
        logsDir: config.paths.logsDir,
        stderr: io.stderr,
        journal: io.stderrIsJournal,
        secrets: secretsOf(config),
      }),
    );
  };
  await logTo(config.logging);
  const log = getLogger(["bot"]);
  reportWith((failure, error) => {
    // The log's formats show an error with its stack.
    log.fatal("{reason}", { reason: failure.message, ...(failure.expected ? {} : { error }) });
  });
  return logTo;
}

/**
 * Works, and tells the service manager when that is ready, that it lives, and from the signal's abort on that it stops. `work` says how
 * it stands, in a line, whenever it becomes ready. Where it waits for something, it may reject with the signal's reason: that is the end
 * that was asked for.
 */
export async function runSupervised(
  supervisor: Supervisor,
  work: (liveness: Liveness, onReady: (status: () => string) => void) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const liveness = createLiveness(() => performance.now());
  const ended = new AbortController();
  let informing: Promise<void> | undefined;
  let status = () => "";
  signal.addEventListener("abort", () => supervisor.stopping(), { once: true });
  try {
    await work(liveness, (now) => {
      status = now;
      supervisor.ready();
      informing ??= runWatchdog(supervisor, { liveness, status: () => status() }, ended.signal);
    });
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  } finally {
    ended.abort();
    await informing;
  }
}
