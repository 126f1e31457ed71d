/**
 * Drafts the parameters of a manifest: those of a template that ships with the program, bound to the inputs of another graph. Knows
 * what the graph's nodes are for, not how that was found out.
 */
import {
  type ApiPrompt,
  maxSeed,
  type NodeInput,
  type ParamSpec,
  type Template,
  type TemplateParam,
} from "../mod.ts";
import type { GraphRoles } from "./graph_roles.ts";
import { type HeldValue, holderOf } from "./graph_trace.ts";

/** One key of a manifest, with a comment that says what was guessed. */
export interface DraftEntry {
  readonly key: string;
  readonly value: unknown;
  readonly note?: string;
}

/** Under which inputs a sampler and what feeds it hold a parameter. */
const heldUnder: Readonly<Record<string, readonly string[]>> = {
  steps: ["steps"],
  cfg: ["cfg", "cfg_conds"],
  seed: ["seed", "noise_seed"],
  sampler: ["sampler_name"],
  scheduler: ["scheduler"],
  eta: ["eta"],
  denoise: ["denoise"],
};

/** A model of one step is made for it: other numbers only spoil its picture. */
const madeForOneStep: readonly string[] = ["steps", "cfg", "denoise"];

/**
 * What the graph was drawn with stands in it as each parameter's default. Left out is what would only spoil the picture:
 * denoise of an empty latent; cfg where no negative words count; these and steps for a model of one step.
 */
export function parametersOf(
  graph: ApiPrompt,
  roles: GraphRoles,
  model: Template,
): { readonly parameters: DraftEntry[]; readonly leftOut: readonly string[] } {
  const found = new Map<string, DraftEntry>();
  const leftOut: string[] = [];
  const isOfOneStep = Number(targetsOf(graph, roles, "steps", "int")?.held[0]?.value) === 1;
  for (const [key, param] of Object.entries(model.params)) {
    const at = targetsOf(graph, roles, key, param.spec.kind);
    if (!at) continue;
    const isMeant = isOfOneStep && madeForOneStep.includes(key)
      ? false
      : key === "denoise"
      ? roles.paintsOver
      : key !== "cfg" || !roles.zeroesNegative || Number(at.held[0]!.value) > 1;
    if (isMeant) {
      found.set(key, { key, value: parameterAt(graph, at, param), note: noteOn(graph, at) });
    } else leftOut.push(key);
  }
  const parameters = Object.entries(model.params).flatMap(([key, param]): DraftEntry[] => {
    const { scales } = param;
    // One that only scales another is there with it.
    if (!scales) return [found.get(key) ?? []].flat();
    if (!found.has(scales.param)) return [];
    const { kind } = param.spec;
    return [{ key, value: { kind, ...scaling(scales), ...specOf(param) } }];
  });
  return { parameters, leftOut };
}

/** The input that reads the value, and where the value stands. */
interface Target {
  readonly read: NodeInput;
  readonly held: readonly HeldValue[];
}

function targetsOf(
  graph: ApiPrompt,
  { sampling, negativeText }: GraphRoles,
  key: string,
  kind: ParamSpec["kind"],
): Target | undefined {
  if (key === "negative_prompt") {
    const held = negativeText.flatMap((at) => holderOf(graph, at, "string") ?? []);
    return held[0] && { read: held[0], held };
  }
  const type = kind === "choice" || kind === "text" ? "string" : "number";
  for (const node of sampling) {
    for (const input of heldUnder[key] ?? []) {
      const held = holderOf(graph, { node, input }, type);
      if (held && canBe(kind, held.value)) return { read: { node, input }, held: [held] };
    }
  }
  return undefined;
}

/** Whether a manifest takes the value as the default of such a parameter. */
function canBe(kind: ParamSpec["kind"], value: HeldValue["value"]): boolean {
  if (kind === "int" || kind === "seed") return Number.isInteger(value);
  return kind !== "choice" || /\S/.test(String(value));
}

function parameterAt(graph: ApiPrompt, { read, held }: Target, param: TemplateParam) {
  const [first] = held;
  const { kind } = param.spec;
  const ownOptions = first!.node === read.node;
  const isChoice = kind === "choice" && ownOptions;
  const floor = /^Clownshar/i.test(graph[read.node]!.class_type) ? param.floor : undefined;
  return {
    kind,
    targets: written(held),
    ...(isChoice ? { options_from: nameOf(read) } : {}),
    ...specOf({ ...param, spec: withDefault(param.spec, first!.value) }),
    ...(floor === undefined ? {} : { floor }),
    ...(param.about ? { about: param.about } : {}),
  };
}

/** The spec with the graph's own value, and limits that hold it. A seed stays random: the exported one would give the same picture for ever. */
function withDefault(spec: ParamSpec, value: HeldValue["value"]): ParamSpec {
  switch (spec.kind) {
    case "int":
    case "float": {
      const number = Number(value);
      const [min, max] = [Math.min(spec.min, number), Math.max(spec.max, number)];
      return { ...spec, default: number, min, max };
    }
    case "choice":
    case "text":
      return { ...spec, default: String(value) };
    case "seed":
      return spec;
    default:
      return spec satisfies never;
  }
}

/** The keys of a manifest that say what a parameter may be. */
function specOf({ spec, about, scales }: TemplateParam) {
  const shared = scales && about ? { about } : {};
  switch (spec.kind) {
    case "int":
    case "float": {
      const { min, max, step } = spec;
      return { default: spec.default, min, max, step, ...shared };
    }
    case "seed":
      return { default: spec.default, ...(spec.max === maxSeed ? {} : { max: spec.max }) };
    case "choice":
      return { default: spec.default };
    case "text":
      return { default: spec.default, max_length: Math.max(spec.maxLength, spec.default.length) };
    default:
      return spec satisfies never;
  }
}

function scaling({ param, fullAt }: NonNullable<TemplateParam["scales"]>) {
  return { scales: param, full_at: fullAt };
}

function noteOn(graph: ApiPrompt, { read, held }: Target): string {
  const node = (id: string) => `node ${id} (${graph[id]!.class_type})`;
  const through = held[0]!.node === read.node ? "" : `, which ${node(held[0]!.node)} feeds`;
  return `Guessed: ${read.input} of ${node(read.node)}${through}.`;
}

/** `115.value`, or a list of such; each once. */
export function written(inputs: readonly NodeInput[]): string | readonly string[] {
  const names = [...new Set(inputs.map(nameOf))];
  return names.length === 1 ? names[0]! : names;
}

function nameOf({ node, input }: NodeInput): string {
  return `${node}.${input}`;
}
