/**
 * The current templates, resolved against config.yaml and ComfyUI. Owns when they change. Callers get an immutable map, which a job
 * keeps while it runs. Does not read files.
 */
import { getLogger } from "@logtape/logtape";
import {
  checkTemplate,
  describeProblem,
  isRunnable,
  type MissingInputProblem,
  type TemplateProblem,
} from "./check.ts";
import { completeGraph, describeFilled } from "./complete.ts";
import { chooseDefault } from "./default_template.ts";
import { mergeCatalogs, type NodeCatalog } from "./graph.ts";
import { describeOverrideProblem, fitTemplate, type TemplateOverrides } from "./resolve.ts";
import { classTypesOf, type Template } from "./template.ts";

const log = getLogger(["bot", "templates"]);

const noneRuns =
  "auto: ComfyUI can run none of them. Install the model files of one (image-edit-bot models get NAME).";

/** A configured default that cannot run. */
export interface UnusableDefault {
  readonly name: string;
  /** Why, a sentence each. */
  readonly problems: readonly string[];
  /** What users get; absent where nothing can run. */
  readonly instead?: Template;
}

export interface TemplateSet {
  readonly current: ReadonlyMap<string, Template>;
  /** Those of `current` that some ComfyUI can run; those of an earlier time, else all, while none has been heard of. */
  readonly runnable: ReadonlyMap<string, Template>;
  /** The template of users who have chosen none; see chooseDefault. */
  readonly defaultTemplate: Template;
  /** Set while the configured default cannot run, and its file is there. */
  readonly unusableDefault: UnusableDefault | undefined;
  /** True when ComfyUI has said what it has. */
  readonly isLearned: boolean;
  /** Until ComfyUI is heard of, these are what it can run. */
  recall(runnable: readonly string[]): void;
  /** What takes the place of a template that nobody chose, where it cannot run and another can. */
  insteadOf(name: string): Template | undefined;
  /** By template: an input without which it cannot run, and which neither its graph nor ComfyUI gives. */
  readonly lacking: ReadonlyMap<string, MissingInputProblem>;
  /** What keeps the others of `current` from running, a sentence each. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
  /** True where that backend can run the template, or has not been heard of. */
  runsOn(backend: string, name: string): boolean;
  /** Whether that backend can run it, by template; undefined while it has not been heard of. */
  on(backend: string): ReadonlyMap<string, boolean> | undefined;
  /**
   * Asks what a backend has, fits the templates to what all have, and logs what is missing for them and what is filled in. Gives what
   * was not known to be missing before, a sentence each; nothing of a built-in template that nobody asked for. Rejects as `ask` does.
   */
  learn(
    backend: string,
    ask: (classTypes: readonly string[]) => Promise<NodeCatalog>,
  ): Promise<readonly string[]>;
  /** True where the backend has said what it has. */
  knows(backend: string): boolean;
  /** The backend has gone: what only it can run is no longer offered, where others were heard of. */
  forget(backend: string): void;
  /** Puts others in their place, fitted to what is known of ComfyUI; node classes that are new want another `learn`. */
  replace(loaded: ReadonlyMap<string, Template>, overrides: TemplateOverrides): void;
}

/** What backends have of the node classes that they were asked about; one for all that have the same. */
interface Learned {
  readonly catalog: NodeCatalog;
  readonly asked: ReadonlySet<string>;
  /** Both, to be compared. */
  readonly text: string;
}

/** Fits the loaded templates to the overrides; until `learn` any sampler's name is taken. */
export function createTemplateSet(
  loaded: ReadonlyMap<string, Template>,
  overrides: TemplateOverrides,
): TemplateSet {
  let known: ReadonlySet<string> = new Set();
  let recalled: ReadonlySet<string> | undefined;
  /** By backend. */
  const learned = new Map<string, Learned>();
  /** Templates that cannot run there. */
  let unfit: ReadonlyMap<Learned | undefined, ReadonlySet<string>> = new Map();
  let catalog: NodeCatalog | undefined;
  let current: ReadonlyMap<string, Template> = new Map();
  let runnable: ReadonlyMap<string, Template> = new Map();
  /** Those that could run when a ComfyUI was last heard of. */
  let ran = runnable;
  let lacking: ReadonlyMap<string, MissingInputProblem> = new Map();
  let missing: ReadonlyMap<string, readonly string[]> = new Map();
  let unusableDefault: UnusableDefault | undefined;
  let idle: ReadonlySet<string> = new Set();
  let filledIn: ReadonlySet<string> = new Set();
  refit();

  /** Gives the problems that were not there before. */
  function refit(): readonly string[] {
    const answers = [...new Set(learned.values())];
    catalog = answers.length === 0
      ? undefined
      : mergeCatalogs(answers.map(({ catalog }) => catalog));
    const fitted = [...loaded.values()].map((template) =>
      fitTemplate(template, overrides, catalog)
    );
    current = new Map(fitted.map(({ template }) => [template.name, template]));
    const founds = new Map(
      [...loaded.values()].map((each) => [each.name, checkOnEach(each, answers)]),
    );
    unfit = new Map(answers.map((answer, i) => [
      answer,
      new Set([...founds].flatMap(([name, all]) => isRunnable(all[i]!) ? [] : [name])),
    ]));
    // Of several backends, what the one lacks that lacks the least.
    const checked = fitted.map((each) => ({
      ...each,
      found: founds.get(each.template.name)!.reduce(
        (least, found) => isRunnable(found) || found.length < least.length ? found : least,
      ),
    }));
    lacking = new Map(checked.flatMap(({ template, found }) => {
      const missing = found.find((problem) => problem.kind === "missing_input");
      return missing ? [[template.name, missing]] : [];
    }));
    const filled = fitted.flatMap(({ template }) => filledFor(template));
    for (const each of filled.filter((each) => !filledIn.has(each))) {
      log.info("Template {filled}", { filled: each });
    }
    filledIn = new Set(filled);
    const before = ran;
    runnable = new Map(
      checked.flatMap(({ template, found }) =>
        isRunnable(found) && mayRun(template.name) ? [[template.name, template]] : []
      ),
    );
    if (learned.size > 0) ran = runnable;
    const described = checked.map(({ template, problems, found }) => ({
      template,
      problems: [...problems.map(describeOverrideProblem), ...found.map(describeProblem)],
    }));
    missing = new Map(
      described.flatMap(({ template: { name }, problems }) =>
        runnable.has(name) ? [] : [[name, problems]]
      ),
    );
    unusableDefault = unusable(described);
    // Of the built-in ones that nobody asked for nobody wants to read what they lack.
    const isWanted = ({ name, origin }: Template) =>
      name === overrides.template || runnable.has(name) || before.has(name) || isOwn(origin);
    noteIdle(described.flatMap(({ template }) => isWanted(template) ? [] : [template.name]));
    const problems = [
      ...described.flatMap(({ template, problems }) =>
        isWanted(template) ? problems.map((problem) => `${template.name}: ${problem}`) : []
      ),
      ...(learned.size > 0 && isOfNoUse(choose()) ? [noneRuns] : []),
    ];
    const added = problems.filter((problem) => !known.has(problem));
    for (const problem of added) log.warn("Template {problem}", { problem });
    known = new Set(problems);
    return added;
  }

  function unusable(
    described: readonly { readonly template: Template; readonly problems: readonly string[] }[],
  ): UnusableDefault | undefined {
    const found = described.find(({ template }) => template.name === overrides.template);
    if (!found || runnable.has(found.template.name)) return undefined;
    const instead = choose();
    const { template: { name }, problems } = found;
    return { name, problems, ...(instead && !isOfNoUse(instead) && { instead }) };
  }

  function choose(): Template | undefined {
    return chooseDefault(current.values(), (name) => runnable.has(name), overrides.template);
  }

  function isOfNoUse(template: Template | undefined): boolean {
    return template !== undefined && !runnable.has(template.name);
  }

  function mayRun(name: string): boolean {
    return learned.size > 0 || recalled === undefined || recalled.has(name);
  }

  /** Logs once which templates are not offered. */
  function noteIdle(names: readonly string[]): void {
    for (const name of names.filter((name) => !idle.has(name))) {
      log.info("Template {name} is not offered: ComfyUI lacks what it needs", { name });
    }
    idle = new Set(names);
  }

  /** What is lacking for the template where that was answered, in that order; nothing where nobody was heard of. */
  function checkOnEach(
    template: Template,
    answers: readonly Learned[],
  ): readonly (readonly TemplateProblem[])[] {
    const found = answers.map(({ catalog, asked }) =>
      // Nothing can be said while it has not been asked about all nodes.
      asked.isSupersetOf(new Set(classTypesOf(template)))
        ? checkTemplate(fitTemplate(template, overrides, catalog).template, catalog)
        : []
    );
    return found.length === 0 ? [[]] : found;
  }

  /** `NAME: filled in: 93.resolution_steps = 1`, where anything is. */
  function filledFor({ name, graph }: Template): readonly string[] {
    const { filled } = completeGraph(graph, catalog ?? {});
    return filled.length === 0
      ? []
      : [`${name}: filled in: ${filled.map(describeFilled).join(", ")}`];
  }

  return {
    get current() {
      return current;
    },
    get runnable() {
      return runnable;
    },
    get defaultTemplate() {
      const found = choose();
      if (!found) throw new Error("Cannot choose a template: there is none");
      return found;
    },
    get unusableDefault() {
      return unusableDefault;
    },
    get isLearned() {
      return learned.size > 0;
    },
    runsOn: (backend, name) => !unfit.get(learned.get(backend))?.has(name),
    on(backend) {
      const lacking = unfit.get(learned.get(backend));
      return lacking && new Map([...current.keys()].map((name) => [name, !lacking.has(name)]));
    },
    get missing() {
      return missing;
    },
    get lacking() {
      return lacking;
    },
    recall(names) {
      recalled = new Set(names);
      if (learned.size === 0) refit();
    },
    insteadOf(name) {
      const other = choose();
      // One that is gone was taken away on purpose.
      return !current.has(name) || runnable.has(name) || isOfNoUse(other) ? undefined : other;
    },
    async learn(backend, ask) {
      const classTypes = [...new Set([...loaded.values()].flatMap(classTypesOf))];
      const catalog = await ask(classTypes);
      const text = JSON.stringify(classTypes.map((each) => [each, catalog[each]]));
      const before = new Set(learned.values());
      const same = [...before].find((each) => each.text === text);
      learned.set(backend, same ?? { catalog, asked: new Set(classTypes), text });
      return before.symmetricDifference(new Set(learned.values())).size === 0 ? [] : refit();
    },
    knows: (backend) => learned.has(backend),
    forget(backend) {
      if (learned.size > 1 && learned.delete(backend)) refit();
    },
    replace(others, otherOverrides) {
      loaded = others;
      overrides = otherOverrides;
      refit();
    },
  };
}

/** True where one of its files is the owner's. */
function isOwn({ graph, manifest }: Template["origin"]): boolean {
  return graph !== "embedded" || manifest !== "embedded";
}
