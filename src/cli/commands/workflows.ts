/**
 * `workflows list` and `workflows check`: the templates as text. Does not know how a template is checked: that is
 * templates/check.ts's.
 */
import { type Config } from "../../config/mod.ts";
import {
  checkOnBackend,
  classTypesOf,
  defaultOn,
  fitTemplate,
  formatParam,
  isFileOf,
  type LoadedTemplates,
  noTemplate,
  type ParamSpec,
  seedLimit,
  specsOf,
  type Template,
} from "../../templates/mod.ts";
import { type Backend } from "../../worker/mod.ts";
import { exitCode } from "../core/mod.ts";

/** The output and the exit code of a command. */
export interface Report {
  readonly lines: readonly string[];
  /** For stderr. */
  readonly problems: readonly string[];
  readonly code: number;
}

/** Name, title, pictures, parameters and files of every template. */
export function listTemplates({ templates, problems }: LoadedTemplates, config: Config): Report {
  return {
    lines: [...templates.values()].flatMap((template) => {
      const fitted = fitTemplate(template, config.workflow).template;
      const isDefault = template.name === config.workflow.template;
      return [
        template.name + (isDefault ? " (default)" : ""),
        `  title       ${template.title.en}: ${template.description.en}`,
        `  pictures    ${
          template.pictures.length === 1 ? "1" : `1 to ${template.pictures.length}`
        }`,
        ...paramLines(fitted).map((line, i) =>
          (i === 0 ? "  parameters  " : " ".repeat(14)) + line
        ),
        `  graph       ${template.origin.graph}`,
        `  manifest    ${template.origin.manifest}`,
        "",
      ];
    }).slice(0, -1),
    problems: problems.map(({ message }) => message),
    code: exitCode.ok,
  };
}

/** A line for each of the template's parameters: `steps 8 (1 to 50)`. */
export function paramLines(template: Template): string[] {
  return Object.entries(specsOf(template)).map(([name, spec]) => {
    const value = formatParam(spec, spec.default);
    return `${name} ${value === "" ? '""' : value} (${rangeOf(spec)})`;
  });
}

function rangeOf(spec: ParamSpec): string {
  switch (spec.kind) {
    case "int":
    case "float":
      return `${formatParam(spec, spec.min)} to ${formatParam(spec, spec.max)}`;
    case "seed":
      return `random, or 1 to ${seedLimit(spec.max)}`;
    case "choice":
      return spec.options.length === 0
        ? "as ComfyUI lists it"
        : `one of ${spec.options.length} in ComfyUI`;
    case "text":
      return `a text of at most ${spec.maxLength} characters`;
    default:
      return spec satisfies never;
  }
}

/**
 * Checks every template, or the named one, against a ComfyUI. `code` is that of the named one, else of the configured or the default
 * one: the others may be meant for another ComfyUI. Rejects as `Backend.catalog` does.
 */
export async function checkTemplates(
  { templates, problems }: LoadedTemplates,
  { config, backend, name }: {
    readonly config: Config;
    readonly backend: Backend;
    readonly name: string | undefined;
  },
  signal: AbortSignal,
): Promise<Report> {
  const { workflow } = config;
  const wanted = name ?? workflow.template;
  const files = problems.map(({ message }) => message);
  if (wanted !== undefined && !templates.has(wanted)) {
    const code = name === undefined ? exitCode.found : exitCode.dataErr;
    return { lines: [], problems: [...files, noTemplate(wanted, templates)], code };
  }
  const checked = [...templates.values()].filter((each) =>
    name === undefined || each.name === name
  );
  const catalog = await backend.catalog(checked.flatMap(classTypesOf), { signal });
  const used = name === undefined ? defaultOn(checked, workflow, catalog) : undefined;
  const decisive = wanted ?? used?.template.name ?? "";
  const found = checked.map((template) => ({
    template: template.name,
    ...checkOnBackend(template, workflow, catalog),
  }));
  const isBad = found.some((each) => each.template === decisive && each.problems.length > 0) ||
    problems.some(({ file }) => isFileOf(file, decisive));
  return {
    lines: [
      ...found.flatMap(({ template, problems, notes }) => [
        problems.length === 0 ? `${template}: OK` : `${template}:`,
        ...[...problems, ...notes].map((line) => `  ${line}`),
      ]),
      ...(used?.canRun ? [`The default is ${used.template.name}.`] : []),
    ],
    problems: files,
    code: isBad ? exitCode.found : exitCode.ok,
  };
}
