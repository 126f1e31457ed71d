/**
 * A graph in ComfyUI's API format, and what a server says of the node classes in it (`/object_info`). Types, and what a link is.
 */

/** A link to another node's output: `[node_id, output index]`. */
export type NodeLink = readonly [string, number];

/** One node of a graph in ComfyUI's API format. */
export interface ApiNode {
  readonly class_type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly _meta?: unknown;
}

/** A filled graph, as `POST /prompt` takes it under `prompt`: nodes by `node_id`. */
export type ApiPrompt = Readonly<Record<string, ApiNode>>;

/** One input of one node. */
export interface NodeInput {
  readonly node: string;
  readonly input: string;
}

/** What a backend says of the node classes that it has, by class_type (from `/object_info`). */
export type NodeCatalog = Readonly<Record<string, NodeClass>>;

export interface NodeClass {
  readonly inputs: NodeInputs;
  /** True where ComfyUI starts from it: it saves or shows something. */
  readonly outputNode: boolean;
}

/** Inputs by name, in the page's order. A node's own are those of its class; what dynamic ones stand for in a graph says node_inputs.ts. */
export type NodeInputs = Readonly<Record<string, NodeInputInfo>>;

export interface NodeInputInfo {
  /** `INT`, `FLOAT`, `STRING`, `COMBO`, `IMAGE`, …; several as `IMAGE,MASK`, any as `*`. */
  readonly type: string;
  readonly required: boolean;
  /** The list of a `COMBO`: samplers, schedulers, model files; of a dynamic one the keys of its options. */
  readonly options?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** What ComfyUI's page puts there, as JSON; absent where ComfyUI names none. */
  readonly default?: unknown;
  /** Said where the type alone does not tell: true for what another node gives, false for what the page asks for. */
  readonly link?: boolean;
  /** True where the page draws its next value: it keeps what it does for that behind the value (`fixed`, `randomize`). */
  readonly control?: boolean;
  readonly dynamic?: DynamicInput;
}

/** An input that stands for others, which a graph names NAME.SUB (comfy_api/latest/_io.py). */
export type DynamicInput =
  /** `COMFY_DYNAMICCOMBO_V3`: each option brings inputs of its own. */
  | { readonly kind: "choice"; readonly inputs: Readonly<Record<string, NodeInputs>> }
  /** `COMFY_DYNAMICSLOT_V3`: they come with a value. */
  | { readonly kind: "slot"; readonly inputs: NodeInputs }
  /** `COMFY_AUTOGROW_V3`: one for each name, of which the first `min` are needed where `item` is. It has no value itself. */
  | {
    readonly kind: "list";
    readonly names: readonly string[];
    readonly min: number;
    readonly item: NodeInputInfo;
  }
  /** A type of a ComfyUI newer than this program. */
  | { readonly kind: "unknown" };

/** True for an input's value that is another node's output. */
export function isLink(value: unknown): value is NodeLink {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string" &&
    typeof value[1] === "number";
}

/**
 * What several ComfyUIs have, as one: what one of them takes may be chosen, and goes to one that takes it. Where they differ in
 * anything but options and limits, the first one counts.
 */
export function mergeCatalogs(catalogs: readonly NodeCatalog[]): NodeCatalog {
  const [first = {}, ...others] = catalogs;
  return others.reduce((merged, catalog) => mergeTwo(merged, catalog), first);
}

function mergeTwo(a: NodeCatalog, b: NodeCatalog): NodeCatalog {
  const both = Object.entries(a).map(([classType, { inputs, outputNode }]) => {
    const other = Object.hasOwn(b, classType) ? b[classType]!.inputs : {};
    const merged = Object.entries(inputs).map(([name, info]) =>
      [name, Object.hasOwn(other, name) ? mergeInfos(info, other[name]!) : info] as const
    );
    return [classType, {
      outputNode,
      inputs: { ...other, ...Object.fromEntries(merged) },
    }] as const;
  });
  return { ...b, ...Object.fromEntries(both) };
}

function mergeInfos({ min, max, ...a }: NodeInputInfo, b: NodeInputInfo): NodeInputInfo {
  return {
    ...a,
    ...(a.options && b.options && { options: [...new Set([...a.options, ...b.options])] }),
    ...(min !== undefined && b.min !== undefined && { min: Math.min(min, b.min) }),
    ...(max !== undefined && b.max !== undefined && { max: Math.max(max, b.max) }),
  };
}
