/**
 * The templates in force: what was loaded, fitted to the owner's overrides and to what ComfyUI has. Owns when they change;
 * whoever asks gets an immutable map and may keep it for the length of a job.
 */
import { getLogger } from "@logtape/logtape";
import { checkTemplate, describeProblem } from "./template_check.ts";
import { describeOverrideProblem, fitTemplate, type TemplateOverrides } from "./template_fit.ts";
import { classTypesOf, type NodeCatalog, type Template } from "./workflow.ts";

const log = getLogger(["bot", "templates"]);

export interface TemplateSet {
  readonly current: ReadonlyMap<string, Template>;
  /**
   * Asks what ComfyUI has, fits the templates to it, and logs what is missing for them. Gives what was not known to be
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
  refit();

  /** Gives the problems that were not there before. */
  function refit(): readonly string[] {
    const fitted = [...loaded.values()].map((template) =>
      fitTemplate(template, overrides, learned?.catalog)
    );
    current = new Map(fitted.map(({ template }) => [template.name, template]));
    const problems = fitted.flatMap(({ template, problems }) =>
      [...problems.map(describeOverrideProblem), ...lacking(template)]
        .map((problem) => `${template.name}: ${problem}`)
    );
    const added = problems.filter((problem) => !known.has(problem));
    for (const problem of added) log.warn("Template {problem}", { problem });
    known = new Set(problems);
    return added;
  }

  /** Nothing can be said of a template while ComfyUI has not been asked about all its nodes. */
  function lacking(template: Template): readonly string[] {
    if (!learned || !learned.asked.isSupersetOf(new Set(classTypesOf(template)))) return [];
    return checkTemplate(template, learned.catalog).map(describeProblem);
  }

  return {
    get current() {
      return current;
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
