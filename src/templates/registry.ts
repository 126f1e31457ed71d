/**
 * The current templates, resolved against config.yaml and ComfyUI. Owns when they change. Callers get an immutable map, which a job
 * keeps while it runs. Does not read files.
 */
import { getLogger } from "@logtape/logtape";
import {
  checkTemplate,
  describeProblem,
  type MissingInputProblem,
  type TemplateProblem,
} from "./check.ts";
import { completeGraph, describeFilled } from "./complete.ts";
import { type NodeCatalog } from "./graph.ts";
import { describeOverrideProblem, fitTemplate, type TemplateOverrides } from "./resolve.ts";
import { classTypesOf, type Template } from "./template.ts";

const log = getLogger(["bot", "templates"]);

export interface TemplateSet {
  readonly current: ReadonlyMap<string, Template>;
  /** By template: an input without which it cannot run, and which neither its graph nor ComfyUI gives. */
  readonly lacking: ReadonlyMap<string, MissingInputProblem>;
  /**
   * Asks what ComfyUI has, fits the templates to it, and logs what is missing for them and what is filled in. Gives what was not known to be
   * missing before, a sentence each. Rejects as `ask` does.
   */
  learn(ask: (classTypes: readonly string[]) => Promise<NodeCatalog>): Promise<readonly string[]>;
  /** Puts others in their place, fitted to what is known of ComfyUI; node classes that are new want another `learn`. */
  replace(loaded: ReadonlyMap<string, Template>, overrides: TemplateOverrides): void;
}

/** Fits the loaded templates to the overrides; until `learn` any sampler's name is taken. */
export function createTemplateSet(
  loaded: ReadonlyMap<string, Template>,
  overrides: TemplateOverrides,
): TemplateSet {
  let known: ReadonlySet<string> = new Set();
  let learned: { readonly catalog: NodeCatalog; readonly asked: ReadonlySet<string> } | undefined;
  let current: ReadonlyMap<string, Template> = new Map();
  let lacking: ReadonlyMap<string, MissingInputProblem> = new Map();
  let filledIn: ReadonlySet<string> = new Set();
  refit();

  /** Gives the problems that were not there before. */
  function refit(): readonly string[] {
    const fitted = [...loaded.values()].map((template) =>
      fitTemplate(template, overrides, learned?.catalog)
    );
    current = new Map(fitted.map(({ template }) => [template.name, template]));
    const checked = fitted.map((each) => ({ ...each, found: check(each.template) }));
    lacking = new Map(checked.flatMap(({ template, found }) => {
      const missing = found.find((problem) => problem.kind === "missing_input");
      return missing ? [[template.name, missing]] : [];
    }));
    const filled = fitted.flatMap(({ template }) => filledFor(template));
    for (const each of filled.filter((each) => !filledIn.has(each))) {
      log.info("Template {filled}", { filled: each });
    }
    filledIn = new Set(filled);
    const problems = checked.flatMap(({ template, problems, found }) =>
      [...problems.map(describeOverrideProblem), ...found.map(describeProblem)]
        .map((problem) => `${template.name}: ${problem}`)
    );
    const added = problems.filter((problem) => !known.has(problem));
    for (const problem of added) log.warn("Template {problem}", { problem });
    known = new Set(problems);
    return added;
  }

  /** Nothing can be said of a template while ComfyUI has not been asked about all its nodes. */
  function check(template: Template): readonly TemplateProblem[] {
    if (!learned || !learned.asked.isSupersetOf(new Set(classTypesOf(template)))) return [];
    return checkTemplate(template, learned.catalog);
  }

  /** `NAME: filled in: 93.resolution_steps = 1`, where anything is. */
  function filledFor({ name, graph }: Template): readonly string[] {
    const { filled } = completeGraph(graph, learned?.catalog ?? {});
    return filled.length === 0
      ? []
      : [`${name}: filled in: ${filled.map(describeFilled).join(", ")}`];
  }

  return {
    get current() {
      return current;
    },
    get lacking() {
      return lacking;
    },
    async learn(ask) {
      const classTypes = [...new Set([...loaded.values()].flatMap(classTypesOf))];
      learned = { catalog: await ask(classTypes), asked: new Set(classTypes) };
      return refit();
    },
    replace(others, otherOverrides) {
      loaded = others;
      overrides = otherOverrides;
      refit();
    },
  };
}
