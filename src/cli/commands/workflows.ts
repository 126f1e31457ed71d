/**
 * `workflows list` and `workflows check`: the templates as text. Does not know how a template is checked: that is
 * templates/check.ts's.
 */
import { type Config } from "../../config/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import {
  checkOnBackend,
  classTypesOf,
  defaultOn,
  fitTemplate,
  formatParam,
  isFileOf,
  type LoadedTemplates,
  type NodeCatalog,
  noTemplate,
  type ParamSpec,
  seedLimit,
  specsOf,
  type Template,
  type TemplateReport,
} from "../../templates/mod.ts";
import { type Backend } from "../../worker/mod.ts";
import { alike, exitCode } from "../core/mod.ts";

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

/** One ComfyUI and what it has. */
interface Asked {
  readonly name: string;
  readonly catalog: NodeCatalog;
}

/**
 * Checks every template, or the named one, against the ComfyUIs. `code` is that of the named one, else of the configured or the
 * default one, on the ComfyUI that suits it best: the others may be meant for another ComfyUI. Rejects as `Backend.catalog` does where
 * none answers.
 */
export async function checkTemplates(
  { templates, problems }: LoadedTemplates,
  { config, backends, name }: {
    readonly config: Config;
    /** One at least. */
    readonly backends: readonly Pick<Backend, "name" | "catalog">[];
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
  const { asked, away } = await askAll(backends, checked.flatMap(classTypesOf), signal);
  const used = name === undefined
    ? defaultOn(checked, workflow, asked.map(({ catalog }) => catalog))
    : undefined;
  const decisive = wanted ?? used?.template.name ?? "";
  const found = checked.map((template) => ({
    template: template.name,
    on: asked.map(({ name, catalog }) => ({
      name,
      answer: checkOnBackend(template, workflow, catalog),
    })),
  }));
  const isBad =
    found.some(({ template, on }) =>
      template === decisive && on.every(({ answer }) => answer.problems.length > 0)
    ) || problems.some(({ file }) => isFileOf(file, decisive));
  return {
    lines: [
      ...found.flatMap(({ template, on }) =>
        backends.length === 1
          ? [
            on[0]!.answer.problems.length === 0 ? `${template}: OK` : `${template}:`,
            ...sentencesOf(on[0]!.answer).map((line) => `  ${line}`),
          ]
          : [
            `${template}:`,
            ...alike(on).flatMap(({ names, answer }) => [
              `  ${names}:${answer.problems.length === 0 ? " OK" : ""}`,
              ...sentencesOf(answer).map((line) => `    ${line}`),
            ]),
          ]
      ),
      ...(used?.canRun ? [`The default is ${used.template.name}.`] : []),
    ],
    problems: [...files, ...away],
    code: isBad ? exitCode.found : exitCode.ok,
  };
}

function sentencesOf({ problems, notes }: TemplateReport): readonly string[] {
  return [...problems, ...notes];
}

/** What each has, and of those that do not answer why. Rejects where none does. */
async function askAll(
  backends: readonly Pick<Backend, "name" | "catalog">[],
  classTypes: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly asked: readonly Asked[]; readonly away: readonly string[] }> {
  const answers = await Promise.allSettled(
    backends.map((backend) => backend.catalog(classTypes, { signal })),
  );
  const asked = answers.flatMap((answer, i) =>
    answer.status === "fulfilled" ? [{ name: backends[i]!.name, catalog: answer.value }] : []
  );
  for (const answer of answers) {
    if (asked.length === 0 && answer.status === "rejected") throw answer.reason;
  }
  return {
    asked,
    away: answers.flatMap((answer, i) =>
      answer.status === "rejected"
        ? [`${backends[i]!.name} was not checked: ${messageOf(answer.reason)}`]
        : []
    ),
  };
}
