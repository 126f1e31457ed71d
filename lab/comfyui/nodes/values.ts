/**
 * What flows along a graph's links, and what a node may do while it runs. Knows no node class.
 */
import type { NodeResult } from "../engine/node_cache.ts";
import type { QueueItem } from "../engine/queue.ts";
import type { Folders } from "../folders.ts";
import type { ComfySettings } from "../options.ts";
import { PythonError, str } from "../python.ts";
import type { Bitmap } from "./bitmap.ts";

/** One picture. */
export interface Picture {
  /** undefined where the simulator does not look at pixels (`scale: false`). */
  readonly bitmap: Bitmap | undefined;
  /** The file that it stems from. */
  readonly source: Uint8Array<ArrayBuffer>;
}

/** A batch: one picture or more. */
export type Batch = readonly [Picture, ...Picture[]];

/** An IMAGE. */
export interface PictureValue {
  readonly type: "picture";
  readonly batch: Batch;
}

/** A LATENT: the pictures that it will decode to. */
export interface LatentValue {
  readonly type: "latent";
  readonly batch: Batch;
  /** Nothing was encoded into it: only its size counts. */
  readonly isEmpty: boolean;
}

/** A CONDITIONING: the words and the pictures that they speak of. */
export interface ConditioningValue {
  readonly type: "conditioning";
  /** undefined where no words are asked for, as in an upscaler: nothing changes. */
  readonly words: string | undefined;
  readonly pictures: readonly Picture[];
}

/** A NOISE. */
export interface NoiseValue {
  readonly type: "noise";
  readonly seed: number | bigint;
}

/** A SAMPLER. */
export interface SamplerValue {
  readonly type: "sampler";
  readonly name: string;
}

/** A GUIDER. */
export interface GuiderValue {
  readonly type: "guider";
  readonly positive: ConditioningValue;
  readonly cfg: number;
}

/** SIGMAS: how many steps they make, and from where on (`denoise`). */
export interface SigmasValue {
  readonly type: "sigmas";
  readonly steps: number;
  readonly denoise: number;
}

/** A MODEL, CLIP, VAE or anything else that only has to be there. */
export interface OpaqueValue {
  readonly type: "opaque";
}

/** What stands in an input as it is. */
export interface LiteralValue {
  readonly type: "literal";
  readonly value: unknown;
}

/** Anything on a link or in an input. */
export type Value =
  | PictureValue
  | LatentValue
  | ConditioningValue
  | NoiseValue
  | SamplerValue
  | GuiderValue
  | SigmasValue
  | OpaqueValue
  | LiteralValue;

/** What a node gave. */
export type Result = NodeResult<Value>;

/** A node that runs, as its behaviour sees it. */
export interface NodeContext {
  readonly id: string;
  readonly classType: string;
  readonly item: QueueItem;
  /** By input name, links followed. */
  readonly inputs: ReadonlyMap<string, Value>;
  readonly settings: ComfySettings;
  readonly folders: Folders;
  /** True where each step sends a preview. */
  readonly hasPreviews: boolean;
  /** Sends a text of the node to the client (`send_progress_text`). */
  tell(text: string): void;
  /** Takes the time that a model file's first use takes. */
  load(name: string): Promise<void>;
  /** Takes the time of that many of the sampler's model calls, `all` being those of the whole node. */
  calls(count: number, all: number): Promise<void>;
  /** Reports step `value` of `max`, with the picture as it forms. Throws where the run is interrupted. */
  step(value: number, max: number, preview: (() => Promise<Uint8Array>) | undefined): Promise<void>;
}

/** The inputs of a node, by name. */
type Inputs = Pick<NodeContext, "inputs">;

/** The literal in an input, or `fallback` where there is none. */
export function literalOf(node: Inputs, input: string, fallback: unknown): unknown {
  const value = node.inputs.get(input);
  return value?.type === "literal" ? value.value : fallback;
}

/** A number in an input. */
export function numberOf(node: Inputs, input: string, fallback: number): number {
  const value = Number(literalOf(node, input, fallback));
  return Number.isFinite(value) ? value : fallback;
}

/** A seed in an input: Python's whole numbers have no end. */
export function seedOf(node: Inputs, input: string): number | bigint {
  const value = literalOf(node, input, 0);
  return typeof value === "bigint" ? value : Number(value);
}

/** A text in an input. */
export function textOf(node: Inputs, input: string, fallback: string): string {
  return str(literalOf(node, input, fallback));
}

/** A boolean in an input. */
export function flagOf(node: Inputs, input: string, fallback: boolean): boolean {
  return literalOf(node, input, fallback) === true;
}

/** The value of a type in an input; throws as Python would where there is another. */
export function valueOf<T extends Value["type"]>(
  node: NodeContext,
  input: string,
  type: T,
): Extract<Value, { type: T }> {
  const value = node.inputs.get(input);
  if (!isOf(value, type)) {
    throw new PythonError("AttributeError", `'NoneType' object has no attribute '${input}'`);
  }
  return value;
}

/** The same where the input may be left out. */
export function optionalOf<T extends Value["type"]>(
  node: NodeContext,
  input: string,
  type: T,
): Extract<Value, { type: T }> | undefined {
  const value = node.inputs.get(input);
  return isOf(value, type) ? value : undefined;
}

/** Applies a change to each picture of a batch, one after the other. */
export async function mapBatch(
  [first, ...rest]: Batch,
  change: (picture: Picture, index: number) => Picture | Promise<Picture>,
): Promise<Batch> {
  const changed: [Picture, ...Picture[]] = [await change(first, 0)];
  for (const [i, picture] of rest.entries()) changed.push(await change(picture, i + 1));
  return changed;
}

/** The values a node gives, and nothing to report. */
export function gives(...values: readonly Value[]): Result {
  return { values, ui: undefined };
}

function isOf<T extends Value["type"]>(
  value: Value | undefined,
  type: T,
): value is Extract<Value, { type: T }> {
  return value?.type === type;
}
