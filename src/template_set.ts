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
  /** The node classes that they are made of, each once: what to ask ComfyUI about. */
  readonly classTypes: readonly string[];
  /** Fits them to what ComfyUI has, and logs once what is missing for them. */
  learn(catalog: NodeCatalog): void;
}

/** Fits the loaded templates to the overrides; until `learn` any sampler's name is taken. */
export function createTemplateSet(
  loaded: ReadonlyMap<string, Template>,
  overrides: TemplateOverrides,
): TemplateSet {
  const logged = new Set<string>();
  let current = fitAll();

  function fitAll(catalog?: NodeCatalog): ReadonlyMap<string, Template> {
    return new Map([...loaded].map(([name, template]) => {
      const fitted = fitTemplate(template, overrides, catalog);
      for (const problem of fitted.problems) warn(name, describeOverrideProblem(problem));
      return [name, fitted.template];
    }));
  }

  function warn(template: string, problem: string): void {
    const line = `${template}: ${problem}`;
    if (logged.has(line)) return;
    logged.add(line);
    log.warn("Template {template}: {problem}", { template, problem });
  }

  return {
    get current() {
      return current;
    },
    classTypes: [...new Set([...loaded.values()].flatMap(classTypesOf))],
    learn(catalog) {
      current = fitAll(catalog);
      for (const [name, template] of current) {
        for (const problem of checkTemplate(template, catalog)) {
          warn(name, describeProblem(problem));
        }
      }
    },
  };
}
