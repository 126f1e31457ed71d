/** The executable: argv, environment, streams, signals and the exit code. Nothing else touches them. */
import process from "node:process";
import { StopRequest } from "./src/cli/core/mod.ts";
import { runCli } from "./src/cli/mod.ts";

// What an old library inside grammY's plugins is built on (DEP0040, punycode) is nothing that an owner can mend.
Object.assign(process, { noDeprecation: true });

const stop = new AbortController();
/** The first signal asks for a graceful end; who sends a second one does not want to wait for it. */
function stopWith(exitCode: number): void {
  if (stop.signal.aborted) Deno.exit(exitCode);
  stop.abort(new StopRequest(exitCode));
}
Deno.addSignalListener("SIGINT", () => stopWith(130));
Deno.addSignalListener("SIGTERM", () => stopWith(143));

const crashed = Promise.withResolvers<never>();
crashed.promise.catch(() => {}); // it may come when nobody waits any more
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  crashed.reject(event.reason);
});
globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  crashed.reject(event.error);
});

/** systemd says in JOURNAL_STREAM which device and inode its journal has; stderr may have been led elsewhere since. */
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
