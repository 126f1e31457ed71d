/** The executable: argv, environment, streams, signals and the exit code. Nothing else touches them. */
import { StopRequest } from "./src/cli/core/mod.ts";
import { runCli } from "./src/cli/mod.ts";

const stop = new AbortController();
/** The first signal starts a graceful stop, a second one ends the process at once. */
function stopWith(exitCode: number): void {
  if (stop.signal.aborted) Deno.exit(exitCode);
  stop.abort(new StopRequest(exitCode));
}
Deno.addSignalListener("SIGINT", () => stopWith(130));
Deno.addSignalListener("SIGTERM", () => stopWith(143));

const crashed = Promise.withResolvers<never>();
crashed.promise.catch(() => {}); // it may reject when nothing awaits it any more
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  crashed.reject(event.reason);
});
globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  crashed.reject(event.error);
});

/** JOURNAL_STREAM is the device and inode of systemd's journal; stderr may have been redirected since. */
function isJournal(journalStream: string | undefined): boolean {
  if (journalStream === undefined) return false;
  try {
    const { dev, ino } = Deno.statSync("/dev/stderr");
    return journalStream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

const env = Deno.env.toObject();
Deno.exit(
  await runCli({
    args: Deno.args,
    env,
    cwd: Deno.cwd(),
    stdin: Deno.stdin,
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    stderrIsJournal: isJournal(env["JOURNAL_STREAM"]),
    signal: stop.signal,
    onHangup(listener) {
      Deno.addSignalListener("SIGHUP", listener);
      return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", listener) };
    },
    crashed: crashed.promise,
  }),
);
