/**
 * Which template a job gets that nobody chose one for. Owns the rule; the order of quality is the loader's. Pure.
 */
import { checkTemplate, isRunnable } from "./check.ts";
import type { NodeCatalog } from "./graph.ts";
import { fitTemplate, type TemplateOverrides } from "./resolve.ts";
import { takesWords, type Template } from "./template.ts";

/** The default where there are the ComfyUIs of these catalogs, and whether one of them can run it. */
export function defaultOn(
  templates: Iterable<Template>,
  overrides: TemplateOverrides,
  catalogs: readonly NodeCatalog[],
): { readonly template: Template; readonly canRun: boolean } | undefined {
  const all = [...templates];
  const runnable = new Set(
    all.filter((each) =>
      catalogs.some((catalog) =>
        isRunnable(checkTemplate(fitTemplate(each, overrides, catalog).template, catalog))
      )
    ).map(({ name }) => name),
  );
  const template = chooseDefault(all, (name) => runnable.has(name), overrides.template);
  return template && { template, canRun: runnable.has(template.name) };
}

/** True for one that users may get without a choice: an upscaler makes nothing of their words. */
export function mayBeDefault(template: Template): boolean {
  return template.kind === "edit" && takesWords(template);
}

/**
 * The configured template where it edits and can run, else the first that does: `templates` stand in the order of quality.
 * Where only an upscaler can run, that one, which takes no words; where none can, the configured one or the first, so that
 * there is one to speak of.
 */
export function chooseDefault(
  templates: Iterable<Template>,
  canRun: (name: string) => boolean,
  configured?: string,
): Template | undefined {
  const all = [...templates];
  const able = all.filter(mayBeDefault);
  const wanted = able.find(({ name }) => name === configured);
  if (wanted && canRun(wanted.name)) return wanted;
  return [...able, ...all].find(({ name }) => canRun(name)) ?? wanted ?? able[0] ?? all[0];
}
