/**
 * Resolves a template: applies the overrides of config.yaml and the options of a ComfyUI. Pure; the result is a new value. Reports
 * overrides that were ignored; other problems are check.ts's.
 */
import { completeGraph, missingInputs } from "./complete.ts";
import type { ApiNode, NodeCatalog, NodeInput, NodeInputInfo } from "./graph.ts";
import { inputsOf } from "./node_inputs.ts";
import { optionMatches } from "./option_filter.ts";
import {
  clampParam,
  type NumberSpec,
  type ParamSpec,
  type ParamValues,
  parseParam,
} from "./params.ts";
import type { Template, TemplateParam } from "./template.ts";

/**
 * What config.yaml's `workflow` changes of the templates. A parameter that a template does not have is not meant for it.
 */
export interface TemplateOverrides {
  /** The template for users who have chosen none; absent leaves it to what can run. */
  readonly template?: string | undefined;
  /** Values by parameter; moved into the limits. */
  readonly defaults?: ParamValues;
  /** Inclusive limits of int and float parameters; they may be wider than the manifest's. */
  readonly limits?: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>;
  /** By template: files that stand in for those that the graph names. */
  readonly models?: Readonly<Record<string, readonly (NodeInput & { readonly file: string })[]>>;
}

/** An override that a template cannot use: it is ignored. */
export type OverrideProblem =
  & { readonly template: string }
  & (
    /** `nearest`: up to 5 of this template's options, the most alike first. */
    | {
      readonly kind: "ignored_default";
      readonly param: string;
      readonly wanted: string;
      readonly nearest: readonly string[];
    }
    /** The limits would leave nothing. */
    | {
      readonly kind: "ignored_limits";
      readonly param: string;
      readonly min: number;
      readonly max: number;
    }
    /** The manifest lists no such model file; `listed` is what it lists, as NODE.INPUT. */
    | { readonly kind: "ignored_model"; readonly at: string; readonly listed: readonly string[] }
  );

export interface FittedTemplate {
  readonly template: Template;
  readonly problems: readonly OverrideProblem[];
}

/**
 * The template as it can be used here: the owner's overrides within what ComfyUI allows. Without a catalog (ComfyUI has not
 * answered yet) options are unknown and any name is accepted; fit again when there is one.
 */
export function fitTemplate(
  template: Template,
  overrides: TemplateOverrides,
  catalog?: NodeCatalog,
): FittedTemplate {
  if (!catalog) return withOverrides(template, overrides);
  const overridden = withOverrides(withCatalog(template, catalog), overrides);
  return { ...overridden, template: withCatalog(overridden.template, catalog) }; // no limit beyond ComfyUI's
}

/** The template with ComfyUI's own options for its choices, and no limit wider than ComfyUI's. Defaults follow the limits. */
export function withCatalog(template: Template, catalog: NodeCatalog): Template {
  return mapParams(template, (_name, param) => {
    const infos = param.targets.flatMap((at) => inputInfo(template, catalog, at) ?? []);
    const { spec } = param;
    switch (spec.kind) {
      case "int":
      case "float":
        return { ...param, spec: narrowed(spec, infos) };
      case "seed":
        return { ...param, spec: { ...spec, max: lowestMax(spec.max, infos) } };
      case "choice": {
        const listed = param.optionsFrom && optionsOf(template, catalog, param.optionsFrom);
        if (!listed || listed.length === 0) return param;
        const matching = listed.filter((option) => optionMatches(option, param.filter));
        // Without any option anything would be taken.
        const options = matching.length > 0 ? matching : [spec.default];
        return { ...param, spec: withDefault({ ...spec, options }, spec.default) };
      }
      case "text":
        return param;
    }
  });
}

/** The template with the owner's limits, defaults and model files. */
export function withOverrides(template: Template, overrides: TemplateOverrides): FittedTemplate {
  const problems: OverrideProblem[] = [];
  const { defaults = {}, limits = {} } = overrides;
  const changed = mapParams(template, (name, param) => {
    const about = { template: template.name, param: name };
    const limited = limitedBy(param.spec, Object.hasOwn(limits, name) ? limits[name]! : {});
    if (limited.nothingLeft) {
      problems.push({ kind: "ignored_limits", ...about, ...limited.nothingLeft });
    }
    const { spec } = limited;
    const wanted = Object.hasOwn(defaults, name) ? defaults[name] : undefined;
    if (wanted === undefined) return { ...param, spec };
    const parsed = parseParam(spec, String(wanted));
    if (!parsed.ok && parsed.problem.kind === "not_an_option") {
      const { nearest } = parsed.problem;
      problems.push({ kind: "ignored_default", ...about, wanted: String(wanted), nearest });
    }
    return { ...param, spec: withDefault(spec, wanted) };
  });
  const models = withModels(changed, overrides.models?.[template.name] ?? []);
  return { template: models.template, problems: [...problems, ...models.problems] };
}

/** One English sentence that names the setting in config.yaml. */
export function describeOverrideProblem(problem: OverrideProblem): string {
  const { template } = problem;
  switch (problem.kind) {
    case "ignored_default": {
      const has = problem.nearest.map((option) => `"${option}"`).join(", ");
      return `workflow.defaults.${problem.param} is ignored in ${template}: "${problem.wanted}" is ` +
        `none of its options (nearest: ${has}).`;
    }
    case "ignored_limits":
      return `workflow.limits of ${problem.param} are ignored in ${template}: nothing lies between ` +
        `${problem.min} and ${problem.max}.`;
    case "ignored_model":
      return `workflow.models.${template}.${problem.at} is ignored: the manifest lists no such ` +
        `model file (it lists ${problem.listed.join(", ") || "none"}).`;
    default:
      return unknownProblem(problem);
  }
}

/** The catalog's entry for a graph's input; undefined where the catalog lacks the node's class or the input. */
export function inputInfo(
  template: Template,
  catalog: NodeCatalog,
  { node, input }: NodeInput,
): NodeInputInfo | undefined {
  const inner = template.graph[node];
  if (!inner || !Object.hasOwn(catalog, inner.class_type)) return undefined;
  const inputs = inputsOf(catalog[inner.class_type]!, inner.inputs);
  return Object.hasOwn(inputs, input) ? inputs[input] : undefined;
}

/** What may be chosen there: of the options that bring inputs of their own those for which nothing would be missing. */
function optionsOf(
  template: Template,
  catalog: NodeCatalog,
  at: NodeInput,
): readonly string[] | undefined {
  const info = inputInfo(template, catalog, at);
  if (info?.dynamic?.kind !== "choice") return info?.options;
  const node = template.graph[at.node]!;
  return info.options?.filter((option) => {
    const chosen = { [at.node]: { ...node, inputs: { ...node.inputs, [at.input]: option } } };
    const { graph } = completeGraph(chosen, catalog);
    return missingInputs(graph, catalog, [at.node])
      .every(({ input }) => !input.startsWith(`${at.input}.`));
  });
}

function mapParams(
  template: Template,
  change: (name: string, param: TemplateParam) => TemplateParam,
): Template {
  const params = Object.entries(template.params).map((
    [name, param],
  ) => [name, change(name, param)]);
  return { ...template, params: Object.fromEntries(params) };
}

function narrowed(spec: NumberSpec, infos: readonly NodeInputInfo[]): ParamSpec {
  const min = Math.max(spec.min, ...infos.map((info) => info.min ?? -Infinity));
  const max = lowestMax(spec.max, infos);
  return min > max ? spec : withDefault({ ...spec, min, max }, spec.default);
}

function lowestMax(max: number, infos: readonly NodeInputInfo[]): number {
  return Math.min(max, ...infos.map((info) => info.max ?? Infinity));
}

function limitedBy(
  spec: ParamSpec,
  limits: { readonly min?: number; readonly max?: number },
): { spec: ParamSpec; nothingLeft?: { min: number; max: number } } {
  if (spec.kind !== "int" && spec.kind !== "float") return { spec };
  const both = { min: limits.min ?? spec.min, max: limits.max ?? spec.max };
  if (both.min > both.max) return { spec, nothingLeft: both };
  return { spec: withDefault({ ...spec, ...both }, spec.default) };
}

/** The spec with another default, as far as the spec takes it. */
function withDefault<Spec extends ParamSpec>(spec: Spec, wanted: number | string): Spec {
  return { ...spec, default: clampParam(spec, wanted) };
}

function withModels(
  template: Template,
  models: readonly (NodeInput & { readonly file: string })[],
): FittedTemplate {
  const graph: Record<string, ApiNode> = { ...template.graph };
  const problems: OverrideProblem[] = [];
  const params = { ...template.params };
  const listed = template.models.map(({ node, input }) => `${node}.${input}`);
  for (const { node: id, input, file } of models) {
    const at = `${id}.${input}`;
    const node = graph[id];
    if (node && listed.includes(at)) {
      graph[id] = { ...node, inputs: { ...node.inputs, [input]: file } };
      // Where users choose the file, it is the one to begin with.
      for (const [name, param] of Object.entries(params)) {
        const { spec, targets } = param;
        if (spec.kind !== "choice") continue;
        if (!targets.some((at) => at.node === id && at.input === input)) continue;
        params[name] = { ...param, spec: { ...spec, default: file } };
      }
    } else {
      problems.push({ kind: "ignored_model", template: template.name, at, listed });
    }
  }
  return { template: { ...template, graph, params }, problems };
}

function unknownProblem(problem: never): never {
  throw new TypeError(`Cannot describe the problem ${JSON.stringify(problem)}`);
}
