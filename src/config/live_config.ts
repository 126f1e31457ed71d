/**
 * The current configuration and templates, and their reload while the bot runs. Owns that an invalid file changes nothing: the last
 * valid one stays. Does not know what triggers a reload, nor who is told of it.
 *
 * The configuration and each template are replaced independently. A value that was handed out does not change: a running job keeps
 * its template and settings.
 */
import { getLogger } from "@logtape/logtape";
import { ConfigError, createChain, messageOf } from "../lib/mod.ts";
import {
  createTemplateSet,
  describeOverrideProblem,
  fitTemplate,
  isFileOf,
  type LoadedTemplates,
  mayBeDefault,
  noTemplate,
  type Template,
  type TemplateSet,
} from "../templates/mod.ts";
import { type Config, type ConfigSources, parseConfig } from "./config.ts";
import { changedSettings, needsRestart, withStarted } from "./diff.ts";
import { parseEnvText } from "./env.ts";

const log = getLogger(["bot", "reload"]);

/** The outcome of a reload. */
export type ReloadOutcome =
  /** Nothing differs. `needRestart` as below. */
  | { readonly type: "unchanged"; readonly needRestart: readonly string[] }
  | {
    readonly type: "applied";
    /** Settings by name, templates as `workflows/NAME`; a new template with `+`, a removed one with `-`. */
    readonly changes: readonly string[];
    /** Settings that changed since the start and take effect after a restart. */
    readonly needRestart: readonly string[];
    /** A sentence each. */
    readonly warnings: readonly string[];
    /** Problems of the files that were refused; their previous content stays in effect. */
    readonly problems: readonly string[];
  }
  /** Nothing was applied. A line each, with file, line, column and what is wanted. */
  | { readonly type: "refused"; readonly problems: readonly string[] };

export interface LiveConfigDeps {
  /** Reads the files as they are now. Rejects with ConfigError where one cannot be read. */
  readonly readSources: () => Promise<ConfigSources>;
  readonly readTemplates: () => LoadedTemplates;
}

/** What the program was started with. */
export interface Started {
  readonly config: Config;
  readonly sources: ConfigSources;
  /** Reads them when they are first asked for, and gives the same each time. */
  readonly loaded: () => LoadedTemplates;
}

export interface LiveConfig {
  /** The current value. Immutable; read it anew for each job. */
  readonly config: Config;
  readonly templates: TemplateSet;
  /** Problems of the files when they were last read, a line each. */
  readonly problems: readonly string[];
  /** Reads the files again and applies those that are valid. Reloads are serialized; never rejects. */
  reload(): Promise<ReloadOutcome>;
}

/**
 * Starts from what was read at the start. Templates are parsed when they are first asked for: that takes a tenth of a second,
 * in which Telegram can be asked. Invalid template files are logged then.
 */
export function createLiveConfig(deps: LiveConfigDeps, started: Started): LiveConfig {
  const atStart = { ...started.sources, env: ownEnv(started.sources) };
  let problems: readonly string[] = [];
  const current = { config: started.config, sources: atStart };
  let templates: { readonly set: TemplateSet; files: ReadonlyMap<string, Template> } | undefined;
  const serialize = createChain();

  /** Logs problems, each line once until it is fixed. */
  function note(lines: readonly string[]): void {
    for (const problem of lines) {
      if (!problems.includes(problem)) log.error("{problem}", { problem });
    }
    problems = lines;
  }

  function begun() {
    if (templates) return templates;
    const loaded = started.loaded();
    note(loaded.problems.map(({ message }) => message));
    const set = createTemplateSet(loaded.templates, current.config.workflow);
    return templates = { set, files: loaded.templates };
  }

  async function readConfig(): Promise<
    { config: Config; sources: ConfigSources; warnings: readonly string[] } | readonly string[]
  > {
    try {
      const sources = { ...await deps.readSources(), env: atStart.env };
      const result = parseConfig(sources);
      return result.ok ? { ...result, sources } : result.problems;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.message.split("\n");
    }
  }

  async function reload(): Promise<ReloadOutcome> {
    const templates = begun();
    const read = await readConfig();
    const isValid = "config" in read;
    const found = deps.readTemplates();
    const files = lastValid(found, templates.files);
    note([...(isValid ? [] : read), ...found.problems.map(({ message }) => message)]);
    const settings = isValid ? changedSettings(current.sources, read.sources) : [];
    const changes = [...settings, ...changedTemplates(templates.files, files)];
    if (isValid && settings.length > 0) {
      current.config = withStarted(read.config, started.config);
      current.sources = read.sources;
    }
    const needRestart = changedSettings(atStart, current.sources).filter(needsRestart);
    if (changes.length === 0) {
      return problems.length > 0
        ? { type: "refused", problems }
        : { type: "unchanged", needRestart };
    }
    templates.files = files;
    templates.set.replace(files, current.config.workflow);
    const ignored = overrideProblems(current.config, { templates: files, problems: [] });
    const warnings = [...(isValid ? read.warnings : []), ...ignored];
    log.info("Reloaded, for the next job: {changes}", { changes: changes.join(", ") });
    for (const warning of warnings) log.warn("{warning}", { warning });
    if (needRestart.length > 0) {
      log.warn("Needs a restart: {settings}", { settings: needRestart.join(", ") });
    }
    return { type: "applied", changes, needRestart, warnings, problems };
  }

  return {
    get config() {
      return current.config;
    },
    get templates() {
      return begun().set;
    },
    get problems() {
      begun();
      return problems;
    },
    reload: () =>
      serialize(reload).catch((error): ReloadOutcome => {
        note([`Cannot reload: ${messageOf(error)}`]);
        return { type: "refused", problems };
      }),
  };
}

/**
 * The environment without the variables that systemd's `EnvironmentFile=` read from this same `.env`: a variable of the process
 * overrides the file, so they would hide every change of it.
 */
function ownEnv({ env, envFile }: ConfigSources): ConfigSources["env"] {
  const { entries } = parseEnvText(envFile ?? { path: "", text: "" });
  return Object.fromEntries(
    Object.entries(env).filter(([name, value]) => entries.get(name)?.value !== value),
  );
}

/** The loaded templates; for one with an invalid file, its last valid version. */
function lastValid(
  { templates, problems }: LoadedTemplates,
  before: ReadonlyMap<string, Template>,
): ReadonlyMap<string, Template> {
  const kept = [...before].filter(([name]) =>
    problems.some(({ file }) => isFileOf(file, name) || !/\.(json|yaml)$/.test(file)) // the folder
  );
  return new Map([...templates, ...kept]);
}

/** `workflows/NAME` of each template that is new, removed or changed. */
function changedTemplates(
  before: ReadonlyMap<string, Template>,
  after: ReadonlyMap<string, Template>,
): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [old, next] = [before.get(name), after.get(name)];
    if (!next) return [`-workflows/${name}`];
    if (!old) return [`+workflows/${name}`];
    const isSame = old === next || JSON.stringify(old) === JSON.stringify(next);
    return isSame ? [] : [`workflows/${name}`];
  });
}

/** Settings that no template accepts: a sentence each. */
export function overrideProblems(config: Config, { templates }: LoadedTemplates): string[] {
  const { template: wanted } = config.workflow;
  const found = wanted === undefined ? undefined : templates.get(wanted);
  const unknown = wanted === undefined
    ? []
    : !found
    ? [`workflow.default_file: ${noTemplate(wanted, templates)}`]
    : mayBeDefault(found)
    ? []
    : [`workflow.default_file is ignored: ${wanted} only enlarges (wanted a template that edits)`];
  const ignored = [...templates.values()].flatMap((template) =>
    fitTemplate(template, config.workflow).problems.map(describeOverrideProblem)
  );
  return [...unknown, ...ignored];
}
