/**
 * What of a template a ComfyUI lacks: nodes, model files, inputs, options. Owns the sentences that say so, in English, for
 * the log, `doctor` and the admin; does not ask ComfyUI itself.
 */
import { nearest } from "./nearest.ts";
import { inputInfo } from "./template_fit.ts";
import {
  type ApiNode,
  isLink,
  type NodeCatalog,
  type NodeInput,
  type Template,
} from "./workflow.ts";

/** The input that a problem is about. */
interface InputOf {
  readonly nodeId: string;
  readonly classType: string;
  readonly input: string;
}

/** Something that the template needs and this ComfyUI does not have. `installed` is all there is, unsorted. */
export type TemplateProblem =
  /** `pack`: the custom nodes that bring it, where the manifest says. */
  | {
    readonly kind: "missing_node";
    readonly nodeId: string;
    readonly classType: string;
    readonly pack?: string;
  }
  | (InputOf & {
    readonly kind: "missing_model";
    readonly wanted: string;
    readonly installed: readonly string[];
  })
  /** A value that the graph sets and that is not among the input's options. */
  | (InputOf & {
    readonly kind: "unknown_option";
    readonly wanted: string;
    readonly installed: readonly string[];
  })
  /** The manifest writes to an input that the node does not have: it would change nothing. */
  | (InputOf & { readonly kind: "unknown_input"; readonly installed: readonly string[] })
  /** The node needs an input that the graph does not give. */
  | (InputOf & { readonly kind: "missing_input" })
  /** A choice's default is not among ComfyUI's options. */
  | {
    readonly kind: "bad_default";
    readonly param: string;
    readonly wanted: string;
    readonly installed: readonly string[];
  }
  /** The output node saves nothing. */
  | { readonly kind: "no_output"; readonly nodeId: string; readonly classType: string };

/** Everything that keeps the template from running on the ComfyUI of this catalog; empty when nothing does. */
export function checkTemplate(template: Template, catalog: NodeCatalog): TemplateProblem[] {
  const nodes = Object.entries(template.graph).flatMap(([nodeId, node]) =>
    checkNode(template, catalog, nodeId, node)
  );
  return [...nodes, ...checkDefaults(template, catalog)];
}

/** One English sentence that names the node, what it wants and what there is. */
export function describeProblem(problem: TemplateProblem): string {
  switch (problem.kind) {
    case "missing_node": {
      const remedy = problem.pack
        ? `install ${problem.pack}`
        : "install the custom nodes that have it";
      return `Node ${problem.nodeId} is a "${problem.classType}", which this ComfyUI does not know: ${remedy}.`;
    }
    case "missing_model":
      return `${nodeOf(problem)} wants the file "${problem.wanted}" as ${problem.input}, which ` +
        `ComfyUI does not have; ${listed("installed", problem)}.`;
    case "unknown_option":
      return `${nodeOf(problem)} wants "${problem.wanted}" as ${problem.input}, which ComfyUI ` +
        `does not offer; ${listed("offered", problem)}.`;
    case "unknown_input":
      return `${nodeOf(problem)} has no input "${problem.input}", to which the manifest writes; ` +
        `${listed("its inputs", { ...problem, wanted: problem.input })}.`;
    case "missing_input":
      return `${
        nodeOf(problem)
      } needs the input "${problem.input}", which the graph does not give: ` +
        "export the workflow from this ComfyUI again.";
    case "bad_default":
      return `The default of ${problem.param} is "${problem.wanted}", which ComfyUI does not offer; ` +
        `${listed("offered", problem)}.`;
    case "no_output":
      return `${
        nodeOf(problem)
      } is named as the output and saves nothing: name a node that saves a picture.`;
    default:
      return unknownProblem(problem);
  }
}

function checkNode(
  template: Template,
  catalog: NodeCatalog,
  nodeId: string,
  node: ApiNode,
): TemplateProblem[] {
  const classType = node.class_type;
  if (!Object.hasOwn(catalog, classType)) {
    const pack = template.nodePacks?.[classType];
    return [{ kind: "missing_node", nodeId, classType, ...(pack !== undefined && { pack }) }];
  }
  const { inputs, outputNode } = catalog[classType]!;
  const bound = boundInputs(template).filter((at) => at.node === nodeId).map((at) => at.input);
  const models = template.models.filter((at) => at.node === nodeId).map((at) => at.input);
  const problems: TemplateProblem[] = [];
  for (const input of new Set([...bound, ...models])) {
    if (Object.hasOwn(inputs, input)) continue;
    problems.push({
      kind: "unknown_input",
      nodeId,
      classType,
      input,
      installed: Object.keys(inputs),
    });
  }
  for (const [input, { required, options }] of Object.entries(inputs)) {
    const wanted = node.inputs[input];
    if (wanted === undefined) {
      if (required) problems.push({ kind: "missing_input", nodeId, classType, input });
    } else if (
      options && typeof wanted === "string" && !isLink(wanted) && !bound.includes(input) &&
      !options.includes(wanted)
    ) {
      const kind = models.includes(input) ? "missing_model" : "unknown_option";
      problems.push({ kind, nodeId, classType, input, wanted, installed: options });
    }
  }
  if (nodeId === template.output.node && !outputNode) {
    problems.push({ kind: "no_output", nodeId, classType });
  }
  return problems;
}

function checkDefaults(template: Template, catalog: NodeCatalog): TemplateProblem[] {
  return Object.entries(template.params).flatMap(([param, { spec, optionsFrom }]) => {
    if (spec.kind !== "choice" || !optionsFrom) return [];
    const installed = inputInfo(template, catalog, optionsFrom)?.options;
    return installed && !installed.includes(spec.default)
      ? [{ kind: "bad_default", param, wanted: spec.default, installed } as const]
      : [];
  });
}

/** Every input that a job's values go to: what the graph itself says there does not matter. */
function boundInputs(template: Template): NodeInput[] {
  return [
    ...template.pictures,
    ...template.promptText,
    ...template.megapixels,
    ...template.output.filename,
    ...Object.values(template.params).flatMap(({ targets }) => targets),
  ];
}

function nodeOf({ nodeId, classType }: { nodeId: string; classType: string }): string {
  return `Node ${nodeId} (${classType})`;
}

/** `installed: "a", "b" and 3 more`, the most alike first. */
function listed(
  label: string,
  { wanted, installed }: { readonly wanted: string; readonly installed: readonly string[] },
): string {
  if (installed.length === 0) return `${label}: none`;
  const shown = nearest(wanted, installed);
  const rest = installed.length - shown.length;
  return `${label}: ${shown.map((name) => `"${name}"`).join(", ")}${
    rest > 0 ? ` and ${rest} more` : ""
  }`;
}

function unknownProblem(problem: never): never {
  throw new TypeError(`Cannot describe the problem ${JSON.stringify(problem)}`);
}
