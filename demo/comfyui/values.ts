/**
 * What flows along a graph's links, and what a node may do while it runs. Knows no node class.
 */
import type { Bitmap } from "./bitmap.ts";
import type { Folders } from "./folders.ts";
import type { NodeResult } from "./node_cache.ts";
import type { ComfySettings } from "./options.ts";
import { PythonError, str } from "./python.ts";
import type { QueueItem } from "./queue.ts";

/** An IMAGE. */
export interface PictureValue {
  readonly type: "picture";
  /** undefined where the simulator does not look at pixels (`scale: false`). */
  readonly bitmap: Bitmap | undefined;
  /** The file that it stems from. */
  readonly source: Uint8Array<ArrayBuffer>;
}

/** A LATENT: the picture that it will decode to. */
export interface LatentValue {
  readonly type: "latent";
  readonly picture: PictureValue;
}

/** A CONDITIONING: the words and the pictures that they speak of. */
export interface ConditioningValue {
  readonly type: "conditioning";
  readonly words: string;
  readonly pictures: readonly PictureValue[];
}

/** A MODEL, CLIP, VAE or anything else that only has to be there. */
export interface OpaqueValue {
  readonly type: "opaque";
}

/** Anything on a link or in an input. */
export type Value = PictureValue | LatentValue | ConditioningValue | OpaqueValue | Literal;
type Literal = { readonly type: "literal"; readonly value: unknown };

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
  /** Takes the time that a model file's first use takes. */
  load(name: string): Promise<void>;
  /** Takes the time of that many of the sampler's model calls, `all` being those of the whole node. */
  calls(count: number, all: number): Promise<void>;
  /** Reports step `value` of `max`, with the picture as it forms. Throws where the run is interrupted. */
  step(value: number, max: number, preview: (() => Promise<Uint8Array>) | undefined): Promise<void>;
}

/** The literal in an input, or `fallback` where there is none. */
export function literalOf(node: NodeContext, input: string, fallback: unknown): unknown {
  const value = node.inputs.get(input);
  return value?.type === "literal" ? value.value : fallback;
}

/** A number in an input. */
export function numberOf(node: NodeContext, input: string, fallback: number): number {
  const value = Number(literalOf(node, input, fallback));
  return Number.isFinite(value) ? value : fallback;
}

/** A text in an input. */
export function textOf(node: NodeContext, input: string, fallback: string): string {
  return str(literalOf(node, input, fallback));
}

/** A boolean in an input. */
export function flagOf(node: NodeContext, input: string, fallback: boolean): boolean {
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

function isOf<T extends Value["type"]>(
  value: Value | undefined,
  type: T,
): value is Extract<Value, { type: T }> {
  return value?.type === type;
}
