/** `run`: the bot with its log. Owns the log's first line and what it says when the bot ends in a way that nobody wanted. */
import { getLogger } from "@logtape/logtape";
import { runApp } from "./app.ts";
import type { Config } from "./config.ts";
import type { Failure } from "./exit_code.ts";
import { setUpLogging } from "./log.ts";
import { readTemplates } from "./template_report.ts";
import type { Shell } from "./terminal.ts";
import { versionLine } from "./version.ts";

export interface RunOptions {
  readonly config: Config;
  readonly warnings: readonly string[];
  /** The folder of `.env` and `workflows/`. */
  readonly dir: string;
  /** Ends the log when the program has said its last word. */
  readonly resources: AsyncDisposableStack;
  /** Hands over who tells of the failure that ends the program: from now on the log. */
  readonly reportWith: (report: (failure: Failure, error: unknown) => void) => void;
}

/** Runs the bot until the shell's signal aborts. Rejects as runApp does. */
export async function run(shell: Shell, options: RunOptions): Promise<void> {
  const { config, warnings, dir } = options;
  options.resources.use(
    await setUpLogging(config.logging, {
      logsDir: config.paths.logsDir,
      stderr: shell.stderr,
      journal: shell.stderrIsJournal,
      secrets: [config.telegram.token],
    }),
  );
  const log = getLogger(["bot"]);
  options.reportWith((failure, error) => {
    // The log's formats show an error with its stack.
    log.fatal("{reason}", { reason: failure.message, ...(failure.expected ? {} : { error }) });
  });
  log.info("{version}: DATA_DIR {dataDir}, ComfyUI {backends}, templates {templates}", {
    version: versionLine(),
    dataDir: config.paths.dataDir,
    logsDir: config.paths.logsDir,
    configDir: dir,
    backends: config.comfyui.backends.map(({ host, port }) => `http://${host}:${port}`).join(", "),
    templates: [...readTemplates(dir).templates.keys()].join(", "),
  });
  for (const warning of warnings) log.warn("{warning}", { warning });
  await runApp({ config, dir }, shell.signal);
}
