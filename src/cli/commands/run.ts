/** `run`: the bot with its log and watchdog. Owns the log's first lines. */
import { getLogger } from "@logtape/logtape";
import { runApp } from "../../app.ts";
import { type Config, type ConfigSources, readSources } from "../../config/mod.ts";
import { versionLine } from "../../lib/mod.ts";
import { type Supervisor } from "../../monitoring/mod.ts";
import { createTemplateReader, type LoadedTemplates } from "../../templates/mod.ts";
import { type Failure, type Io } from "../core/mod.ts";
import { openLog, runSupervised } from "./program.ts";

export interface RunOptions {
  readonly config: Config;
  readonly warnings: readonly string[];
  /** What the configuration was parsed from. */
  readonly sources: ConfigSources;
  /** The folder of `.env` and `workflows/`; `configPath` where config.yaml was named. */
  readonly place: { readonly dir: string; readonly configPath?: string };
  /** The service manager that is told when the bot is ready, alive and stopping. */
  readonly supervisor: Supervisor;
  /** Closes the log after the last line. */
  readonly resources: AsyncDisposableStack;
  /** Has the failure that ends the program reported by the log from now on. */
  readonly reportWith: (report: (failure: Failure, error: unknown) => void) => void;
}

/** Runs the bot until `io.signal` aborts. Rejects as runApp does. */
export async function run(io: Io, options: RunOptions): Promise<void> {
  const { config, warnings, sources, place, supervisor } = options;
  const relog = await openLog({ io, ...options }, config);
  const log = getLogger(["bot"]);
  log.info("{version}: DATA_DIR {dataDir}, ComfyUI {backends}", {
    version: versionLine(),
    dataDir: config.paths.dataDir,
    logsDir: config.paths.logsDir,
    configDir: place.dir,
    backends: config.comfyui.backends.map(({ url }) => url).join(", "),
  });
  for (const warning of warnings) log.warn("{warning}", { warning });

  const readTemplates = createTemplateReader(place.dir);
  let loaded: LoadedTemplates | undefined;
  function loadOnce(): LoadedTemplates {
    if (loaded) return loaded;
    loaded = readTemplates();
    log.info("Templates {templates}", { templates: [...loaded.templates.keys()].join(", ") });
    return loaded;
  }

  await runSupervised(supervisor, (liveness, onReady) =>
    runApp({
      config,
      sources,
      loaded: loadOnce,
      readTemplates,
      readSources: () => readSources({ ...place, env: io.env }),
      ...place,
      onHangup: io.onHangup,
      relog,
      liveness,
      onReady,
    }, io.signal), io.signal);
}
