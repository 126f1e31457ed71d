/**
 * One template on one ComfyUI, with the overrides of config.yaml: all that is to be said of it, as sentences. Owns what keeps it
 * from running and what is only worth knowing.
 */
import { checkTemplate, describeProblem, isRunnable, notesOn } from "./check.ts";
import type { NodeCatalog } from "./graph.ts";
import { describeOverrideProblem, fitTemplate, type TemplateOverrides } from "./resolve.ts";
import type { Template } from "./template.ts";

/** One template, with the overrides of config.yaml, on one ComfyUI: a sentence for each finding. */
export interface TemplateReport {
  /** What keeps it from running. */
  readonly problems: readonly string[];
  /** What is filled in, and what could not be checked. */
  readonly notes: readonly string[];
}

/** Checks a template against the nodes and models of a ComfyUI. */
export function checkOnBackend(
  template: Template,
  overrides: TemplateOverrides,
  catalog: NodeCatalog,
): TemplateReport & { readonly canRun: boolean } {
  const fitted = fitTemplate(template, overrides, catalog);
  const found = checkTemplate(fitted.template, catalog);
  return {
    canRun: isRunnable(found),
    problems: [
      ...found.map(describeProblem),
      ...fitted.problems.map(describeOverrideProblem),
    ],
    notes: notesOn(fitted.template, catalog),
  };
}
