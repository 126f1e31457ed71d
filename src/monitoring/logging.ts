/**
 * Sets up LogTape from the configuration: stderr (or the journal) and LOGS_DIR/bot.log. The only file that
 * configures it; the others log with `getLogger(["bot", …])`, and with an `outage` field what comes again and again
 * (outage_filter.ts). Owns that every line goes through the redactor.
 */
import {
  configure,
  getConfig,
  getLogger,
  type LogRecord,
  reset,
  type Sink,
} from "@logtape/logtape";
import { type LoggingConfig } from "../config/mod.ts";
import { createRedactor, messageOf, type Secret } from "../lib/mod.ts";
import { FILE_NAME, type LogFile, logPath, openLogFile } from "./log_file.ts";
import { createOutageFilter } from "./outage_filter.ts";
import { formatJournal, formatJson, formatText } from "./log_format.ts";

/** The first category of all our loggers. */
const ROOT = "bot";
/** LogTape's own errors, such as a full disk, are reported once in this time. */
const META_EVERY_MS = 15 * 60_000;

export interface LoggingOptions {
  /** Made where it is missing. */
  readonly logsDir: string;
  /** `Deno.stderr`. */
  readonly stderr: { writeSync(bytes: Uint8Array): number };
  /** True where stderr is the journal: systemd sets JOURNAL_STREAM. */
  readonly journal?: boolean;
  /** Never shown in any form, besides whatever has the shape of a bot token. */
  readonly secrets?: readonly Secret[];
}

/**
 * Begins to log; a second call takes the first one's place. A folder that cannot be written is one warning on stderr,
 * which is then the only log. Disposing writes out what is buffered and ends logging, unless another call has taken
 * its place.
 */
export async function setUpLogging(
  config: LoggingConfig,
  options: LoggingOptions,
): Promise<AsyncDisposable> {
  const redact = createRedactor(options.secrets);
  const toStderr = stderrSink(
    options.stderr,
    (record) => redact(options.journal ? formatJournal(record) : formatText(record)),
  );
  const format = config.format === "json" ? formatJson : formatText;
  const file = openFile(config, options.logsDir, (record) => redact(format(record)));

  const own = {
    sinks: {
      stderr: withoutRepeats(toStderr),
      file: file instanceof Error ? () => {} : disposableSink(file),
      meta: atMostEvery(META_EVERY_MS, toStderr, (record) => {
        if (!(file instanceof Error)) file.recover(record.timestamp);
      }),
    },
    loggers: [
      { category: [ROOT], sinks: ["stderr", "file"], lowestLevel: config.level },
      { category: ["logtape", "meta"], sinks: ["meta"], lowestLevel: "warning" },
    ],
    reset: true,
  } satisfies Parameters<typeof configure>[0];
  await configure(own);

  if (file instanceof Error) {
    getLogger([ROOT, "log"]).warn(
      "Cannot write logs to {path}: {reason} (wanted a folder for {name})",
      {
        path: options.logsDir,
        reason: messageOf(file),
        name: FILE_NAME,
      },
    );
  }
  return {
    async [Symbol.asyncDispose]() {
      if (getConfig() === own) await reset();
    },
  };
}

function openFile(
  config: LoggingConfig,
  logsDir: string,
  format: (record: LogRecord) => string,
): LogFile | Error {
  try {
    Deno.mkdirSync(logsDir, { recursive: true });
    return openLogFile(logPath(logsDir), { ...config, format });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function withoutRepeats(sink: Sink): Sink {
  const filter = createOutageFilter();
  return (record) => {
    const passed = filter(record);
    if (passed) sink(passed);
  };
}

function disposableSink(file: LogFile): Sink & AsyncDisposable {
  return Object.assign(withoutRepeats((record) => file.write(record)), {
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  });
}

function stderrSink(
  stderr: LoggingOptions["stderr"],
  format: (record: LogRecord) => string,
): Sink {
  const encoder = new TextEncoder();
  return (record) => {
    let bytes = encoder.encode(format(record));
    try {
      while (bytes.length > 0) bytes = bytes.subarray(stderr.writeSync(bytes));
    } catch {
      // stderr is closed, and there is no other place to report it.
    }
  };
}

/** Passes one record on per `intervalMs`; `onEach` sees them all. */
function atMostEvery(intervalMs: number, sink: Sink, onEach: Sink): Sink {
  let passedMs = -Infinity;
  return (record) => {
    onEach(record);
    if (record.timestamp - passedMs < intervalMs) return;
    passedMs = record.timestamp;
    sink(record);
  };
}
