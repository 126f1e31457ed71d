/**
 * What is in force: the configuration and the templates, and how the owner's files take their place while the program runs.
 * Owns that a bad file never does: the last good one stays. Does not know who asks for a reload, nor who is told of it.
 *
 * The configuration and each template are taken over each for itself. Whoever has asked for a value keeps it: a running job
 * goes on with the template and the settings that it began with.
 */
import { getLogger } from "@logtape/logtape";
import { ConfigError, createChain, messageOf } from "../lib/mod.ts";
import {
  createTemplateSet,
  describeOverrideProblem,
  fitTemplate,
  isFileOf,
  type LoadedTemplates,
  noTemplate,
  type Template,
  type TemplateSet,
} from "../templates/mod.ts";
import { type Config, type ConfigSources, parseConfig } from "./config.ts";
import { changedSettings, needsRestart, withStarted } from "./diff.ts";
import { parseEnvText } from "./env.ts";

const log = getLogger(["bot", "reload"]);

/** What became of a reload. */
export type ReloadOutcome =
  /** Nothing is written differently. `needRestart` as below. */
  | { readonly type: "unchanged"; readonly needRestart: readonly string[] }
  | {
    readonly type: "applied";
    /** Settings by the owner's names, templates as `workflows/NAME`: `+` stands before a new one, `-` before one that is gone. */
    readonly changes: readonly string[];
    /** Settings that differ from what the program was started with and only count after a restart. */
    readonly needRestart: readonly string[];
    /** What is odd about it, a sentence each. */
    readonly warnings: readonly string[];
    /** The parts that were refused beside it: what was in force for them stays. */
    readonly problems: readonly string[];
  }
  /** Nothing of it is in force. A line each, with file, line, column and what is wanted. */
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
  readonly loaded: LoadedTemplates;
}

export interface LiveConfig {
  /** In force now. Immutable; ask again for the next job. */
  readonly config: Config;
  readonly templates: TemplateSet;
  /** What was wrong with the files when they were last read, a line each. */
  readonly problems: readonly string[];
  /** Reads the files again and takes over what is good of them. One after the other; never rejects. */
  reload(): Promise<ReloadOutcome>;
}

/** Begins with what was read at the start; template files that are no good are said in the log. */
export function createLiveConfig(deps: LiveConfigDeps, started: Started): LiveConfig {
  const atStart = { ...started.sources, env: ownEnv(started.sources) };
  const { loaded } = started;
  let problems: readonly string[] = [];
  note(loaded.problems.map(({ message }) => message));
  const inForce = {
    config: started.config,
    sources: atStart,
    files: loaded.templates,
  };
  const templates = createTemplateSet(loaded.templates, started.config.workflow);
  const serialize = createChain();

  /** Says in the log what is wrong, each line once until it is mended. */
  function note(lines: readonly string[]): void {
    for (const problem of lines) {
      if (!problems.includes(problem)) log.error("{problem}", { problem });
    }
    problems = lines;
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
    const read = await readConfig();
    const isGood = "config" in read;
    const found = deps.readTemplates();
    const files = lastGood(found, inForce.files);
    note([...(isGood ? [] : read), ...found.problems.map(({ message }) => message)]);
    const settings = isGood ? changedSettings(inForce.sources, read.sources) : [];
    const changes = [...settings, ...changedTemplates(inForce.files, files)];
    if (isGood && settings.length > 0) {
      inForce.config = withStarted(read.config, started.config);
      inForce.sources = read.sources;
    }
    const needRestart = changedSettings(atStart, inForce.sources).filter(needsRestart);
    if (changes.length === 0) {
      return problems.length > 0
        ? { type: "refused", problems }
        : { type: "unchanged", needRestart };
    }
    inForce.files = files;
    templates.replace(files, inForce.config.workflow);
    const ignored = overrideProblems(inForce.config, { templates: files, problems: [] });
    const warnings = [...(isGood ? read.warnings : []), ...ignored];
    log.info("In force from the next job on: {changes}", { changes: changes.join(", ") });
    for (const warning of warnings) log.warn("{warning}", { warning });
    if (needRestart.length > 0) {
      log.warn("Needs a restart: {settings}", { settings: needRestart.join(", ") });
    }
    return { type: "applied", changes, needRestart, warnings, problems };
  }

  return {
    get config() {
      return inForce.config;
    },
    templates,
    get problems() {
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
 * The environment without what systemd's `EnvironmentFile=` took out of the very `.env` that is read here: a variable of
 * the process wins over the file, and these would hide every change of it.
 */
function ownEnv({ env, envFile }: ConfigSources): ConfigSources["env"] {
  const { entries } = parseEnvText(envFile ?? { path: "", text: "" });
  return Object.fromEntries(
    Object.entries(env).filter(([name, value]) => entries.get(name)?.value !== value),
  );
}

/** What was loaded; of a template with a bad file, what there was before. */
function lastGood(
  { templates, problems }: LoadedTemplates,
  before: ReadonlyMap<string, Template>,
): ReadonlyMap<string, Template> {
  const kept = [...before].filter(([name]) =>
    problems.some(({ file }) => isFileOf(file, name) || !/\.(json|yaml)$/.test(file)) // the folder
  );
  return new Map([...templates, ...kept]);
}

/** `workflows/NAME` of each that is new, gone or another. */
function changedTemplates(
  before: ReadonlyMap<string, Template>,
  after: ReadonlyMap<string, Template>,
): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [old, young] = [before.get(name), after.get(name)];
    if (!young) return [`-workflows/${name}`];
    if (!old) return [`+workflows/${name}`];
    return JSON.stringify(old) === JSON.stringify(young) ? [] : [`workflows/${name}`];
  });
}

/** What the configuration says of templates that they cannot take: a sentence each. */
export function overrideProblems(config: Config, { templates }: LoadedTemplates): string[] {
  const unknown = templates.has(config.workflow.template)
    ? []
    : [`workflow.default_file: ${noTemplate(config.workflow.template, templates)}`];
  const ignored = [...templates.values()].flatMap((template) =>
    fitTemplate(template, config.workflow).problems.map(describeOverrideProblem)
  );
  return [...unknown, ...ignored];
}
