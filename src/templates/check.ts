/**
 * Checks a template against a ComfyUI: missing nodes, model files, inputs, options. Validates the completed graph as ComfyUI does before
 * it runs one. Owns the English sentences for the log, `doctor` and admins. Does not ask ComfyUI.
 */
import { formatBytes, isRawNumber, nearest } from "../lib/mod.ts";
import { completeGraph, describeFilled, missingInputs } from "./complete.ts";
import { type ApiNode, type NodeCatalog, type NodeInput, type NodeInputInfo } from "./graph.ts";
import { howToExport, isEditorNode } from "./graph_file.ts";
import { inputsOf, isLinkInput, isOfUnknownKind } from "./node_inputs.ts";
import { inputInfo } from "./resolve.ts";
import { graphFor, type ModelFile, sourcesOf, type Template } from "./template.ts";

/** The input that a problem is about. */
interface InputOf {
  readonly nodeId: string;
  readonly classType: string;
  readonly input: string;
}

/** Something that the template needs and this ComfyUI does not have. `installed` is all there is, unsorted. */
export type TemplateProblem =
  /** `pack`: the custom nodes that bring it, `comfyui`: the version that has it itself, where the manifest says so. */
  | {
    readonly kind: "missing_node";
    readonly nodeId: string;
    readonly classType: string;
    readonly pack?: string;
    readonly comfyui?: string;
  }
  | (InputOf & {
    readonly kind: "missing_model";
    readonly wanted: string;
    readonly installed: readonly string[];
    /** Where it is to be had, where the manifest says so. */
    readonly source?: ModelFile;
    readonly template: string;
    /** The choice whose default it is, where it is one's. */
    readonly param?: string;
  })
  /** A value that the graph sets and that is not among the input's options. */
  | (InputOf & {
    readonly kind: "unknown_option";
    readonly wanted: string;
    readonly installed: readonly string[];
  })
  /** The manifest writes to an input that the node does not have: it would change nothing. */
  | (InputOf & { readonly kind: "unknown_input"; readonly installed: readonly string[] })
  /** The node needs an input that the graph does not give, and for which ComfyUI has no value. */
  | (InputOf & {
    readonly kind: "missing_input";
    readonly info: NodeInputInfo;
    readonly embedded: boolean;
  })
  /** A value that the graph sets and that ComfyUI does not take for a number, or not in these limits. */
  | (InputOf & {
    readonly kind: "bad_value";
    readonly value: unknown;
    readonly info: NodeInputInfo;
  })
  /** A choice's default is not among ComfyUI's options. */
  | {
    readonly kind: "bad_default";
    readonly param: string;
    readonly wanted: string;
    readonly installed: readonly string[];
  }
  /** The output node saves nothing. */
  | { readonly kind: "no_output"; readonly nodeId: string; readonly classType: string };

/** The one that nothing but another graph or another ComfyUI mends. */
export type MissingInputProblem = Extract<TemplateProblem, { readonly kind: "missing_input" }>;

/** Everything that keeps the template from running on the ComfyUI of this catalog; empty when nothing does. */
export function checkTemplate(template: Template, catalog: NodeCatalog): TemplateProblem[] {
  const { graph } = completeGraph(template.graph, catalog);
  const completed = { ...template, graph };
  // ComfyUI looks at the inputs of what flows into a result, and at the class of every node.
  const flowing = new Set(sourcesOf(graph, template.output.node));
  const nodes = Object.entries(graph).flatMap(([nodeId, node]) =>
    checkNode(completed, catalog, { nodeId, node, isFlowing: flowing.has(nodeId) })
  );
  return [...nodes, ...checkDefaults(completed, catalog)];
}

/** True where ComfyUI would run the graph, whatever else is found: an input that it does not know it leaves alone. */
export function isRunnable(problems: readonly TemplateProblem[]): boolean {
  return problems.every(({ kind }) => kind === "unknown_input");
}

/**
 * What is good to know of a template on this ComfyUI and keeps nothing from running, a sentence each: the inputs that are
 * filled in, kinds of inputs that this program does not know, and fewer pictures than its nodes take.
 */
export function notesOn(template: Template, catalog: NodeCatalog): string[] {
  const { graph, filled } = completeGraph(template.graph, catalog);
  const unknown = Object.entries(graph).flatMap(([nodeId, { class_type: classType }]) =>
    Object.entries(Object.hasOwn(catalog, classType) ? catalog[classType]!.inputs : {})
      .filter(([, { dynamic }]) => dynamic?.kind === "unknown")
      .map(([input, { type }]) =>
        `${nodeOf({ nodeId, classType })} takes ${input} as ${type}, which this program does not ` +
        "know: not checked."
      )
  );
  const all = new Set(missingIn(template, template.pictures.length, catalog));
  const few = template.pictures.slice(1).flatMap((_, i) =>
    missingIn(template, i + 1, catalog).filter((missing) => !all.has(missing))
      .map((missing) =>
        `With ${i === 0 ? "1 picture" : `${i + 1} pictures`} it cannot run: ${missing}.`
      )
  );
  return [
    ...(filled.length === 0 ? [] : [`filled in: ${filled.map(describeFilled).join(", ")}`]),
    ...unknown,
    ...few,
  ];
}

function missingIn(template: Template, pictures: number, catalog: NodeCatalog): string[] {
  const { graph } = completeGraph(graphFor(template, pictures, catalog), catalog);
  return missingInputs(graph, catalog, sourcesOf(graph, template.output.node))
    .map((missing) => `${nodeOf(missing)} needs the input "${missing.input}"`);
}

/** One English sentence that names the node, what it wants and what there is. */
export function describeProblem(problem: TemplateProblem): string {
  switch (problem.kind) {
    case "missing_node": {
      if (isEditorNode(problem.classType)) {
        return `Node ${problem.nodeId} is a "${problem.classType}", a node of the editor alone: export the workflow again (${howToExport}).`;
      }
      const remedy = problem.pack
        ? `install ${problem.pack}`
        : problem.comfyui
        ? `update ComfyUI to ${problem.comfyui} or newer`
        : "install the custom nodes that have it";
      return `Node ${problem.nodeId} is a "${problem.classType}", which this ComfyUI does not know: ${remedy}.`;
    }
    case "missing_model":
      return `${nodeOf(problem)} wants the file "${problem.wanted}" as ${problem.input}, which ` +
        `ComfyUI does not have; ${listed("installed", problem)}.${whereToGet(problem)}`;
    case "unknown_option":
      return `${nodeOf(problem)} wants "${problem.wanted}" as ${problem.input}, which ComfyUI ` +
        `does not offer; ${listed("offered", problem)}.`;
    case "unknown_input":
      return `${nodeOf(problem)} has no input "${problem.input}", which the manifest sets; ` +
        `${listed("its inputs", { ...problem, wanted: problem.input })}.`;
    case "missing_input": {
      const { info, embedded } = problem;
      const what = isLinkInput(info) ? ` (${info.type}) from another node` : "";
      const offered = info.options
        ? ` and ComfyUI has no default for (${
          listed("offered", { wanted: "", installed: info.options })
        })`
        : "";
      return `${nodeOf(problem)} needs the input "${problem.input}"${what}, which the graph does ` +
        `not give${offered}: ${
          embedded
            ? "update the bot, or ComfyUI if that is the older one."
            : "export the workflow from this ComfyUI again."
        }`;
    }
    case "bad_value":
      return `${nodeOf(problem)} has ${JSON.stringify(problem.value)} as ${problem.input}, which ` +
        `ComfyUI does not accept (wanted ${rangeOf(problem.info)}).`;
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
  { nodeId, node, isFlowing }: {
    readonly nodeId: string;
    readonly node: ApiNode;
    readonly isFlowing: boolean;
  },
): TemplateProblem[] {
  const classType = node.class_type;
  if (!Object.hasOwn(catalog, classType)) {
    const pack = template.nodePacks?.[classType];
    const { comfyui } = template;
    return [{
      kind: "missing_node",
      nodeId,
      classType,
      ...(pack !== undefined && { pack }),
      ...(comfyui !== undefined && { comfyui }),
    }];
  }
  const nodeClass = catalog[classType]!;
  const inputs = inputsOf(nodeClass, node.inputs);
  const bound = boundInputs(template).filter((at) => at.node === nodeId).map((at) => at.input);
  const models = template.models.filter((at) => at.node === nodeId).map((at) => at.input);
  const problems: TemplateProblem[] = [];
  for (const input of new Set([...bound, ...models])) {
    if (Object.hasOwn(inputs, input) || isOfUnknownKind(nodeClass, input)) continue;
    if (bound.some((other) => input.startsWith(`${other}.`))) continue; // of an option that is chosen for each job
    const installed = Object.keys(inputs);
    problems.push({ kind: "unknown_input", nodeId, classType, input, installed });
  }
  for (const [input, info] of isFlowing ? Object.entries(inputs) : []) {
    const at = { nodeId, classType, input };
    if (!Object.hasOwn(node.inputs, input)) {
      const embedded = template.origin.graph === "embedded";
      if (info.required) problems.push({ kind: "missing_input", ...at, info, embedded });
      continue;
    }
    const value = node.inputs[input];
    if (bound.includes(input)) continue;
    const { options } = info;
    if (options && typeof value === "string" && !options.includes(value)) {
      const isModel = models.includes(input);
      // A list that is empty though no model is missing is filled by the page or checked by the node itself.
      if (options.length === 0 && !isModel) continue;
      const found = { ...at, wanted: value, installed: options };
      problems.push(isModel ? missingModel(template, found) : { kind: "unknown_option", ...found });
    } else if (!isTaken(info, value)) problems.push({ kind: "bad_value", ...at, value, info });
  }
  if (nodeId === template.output.node && !nodeClass.outputNode) {
    problems.push({ kind: "no_output", nodeId, classType });
  }
  return problems;
}

/** Whether ComfyUI makes a number of it and finds it within the limits; what is no number is not for here. */
function isTaken(
  { type, min = -Infinity, max = Infinity }: NodeInputInfo,
  value: unknown,
): boolean {
  if ((type !== "INT" && type !== "FLOAT") || Array.isArray(value)) return true;
  const own = isRawNumber(value) ? value.rawJSON : value;
  if (!["number", "string", "boolean"].includes(typeof own)) return false;
  const number = own === "" ? NaN : Number(own);
  return number >= min && number <= max;
}

/** `a number from 0 to 10`. */
function rangeOf({ type, min, max }: NodeInputInfo): string {
  const what = type === "INT" ? "a whole number" : "a number";
  if (min === undefined && max === undefined) return what;
  return `${what}${min === undefined ? "" : ` from ${min}`}${
    max === undefined ? "" : ` to ${max}`
  }`;
}

function checkDefaults(template: Template, catalog: NodeCatalog): TemplateProblem[] {
  return Object.entries(template.params).flatMap(([param, { spec, optionsFrom }]) => {
    if (spec.kind !== "choice" || !optionsFrom) return [];
    const installed = inputInfo(template, catalog, optionsFrom)?.options;
    if (!installed || installed.includes(spec.default)) return [];
    const { node: nodeId, input } = optionsFrom;
    const wanted = spec.default;
    if (!template.models.some(({ node, input: other }) => node === nodeId && other === input)) {
      return [{ kind: "bad_default", param, wanted, installed } as const];
    }
    const classType = template.graph[nodeId]!.class_type;
    return [missingModel(template, { nodeId, classType, input, wanted, installed, param })];
  });
}

function missingModel(
  { name, modelFiles }: Template,
  found: InputOf & {
    readonly wanted: string;
    readonly installed: readonly string[];
    readonly param?: string;
  },
): TemplateProblem {
  const source = modelFiles.find(({ file }) => file === found.wanted);
  return { kind: "missing_model", ...found, template: name, ...(source && { source }) };
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

/** ` It is 6.8 GB, belongs into models/vae and is at URL: image-edit-bot models get NAME`, or nothing. */
function whereToGet(
  { source, template }: Extract<TemplateProblem, { kind: "missing_model" }>,
): string {
  if (source?.url === undefined) return "";
  const { url, folder, size } = source;
  const parts = [
    ...(size === undefined ? [] : [`is ${formatBytes(size.bytes)}`]),
    ...(folder === undefined ? [] : [`belongs into models/${folder}`]),
  ];
  const get = folder === undefined ? "" : ` (image-edit-bot models get ${template})`;
  return ` It ${[...parts, `is at ${url}`].join(", ")}${get}.`;
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
