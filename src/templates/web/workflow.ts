/**
 * A workflow as the web page saves it: nodes, links and the definitions of subgraphs. Types, and the classes that the page
 * alone knows. Reading a file is read.ts's.
 */

/** One socket of a node: what comes in, and whether it stands for a widget. */
export interface WebInput {
  readonly name: string;
  readonly type: string;
  /** Id of the link that feeds it. */
  readonly link: string | undefined;
  readonly isWidget: boolean;
}

/** A model file that a node names, with where it comes from (`properties.models`). */
export interface WebModel {
  readonly name: string;
  readonly url: string;
  /** Folder under ComfyUI's `models/`. */
  readonly directory: string;
}

export interface WebNode {
  readonly id: string;
  /** A node class, or the id of a subgraph's definition. */
  readonly type: string;
  readonly title: string | undefined;
  readonly mode: number;
  readonly inputs: readonly WebInput[];
  /** Types of the outputs, by slot. */
  readonly outputs: readonly string[];
  /** What its widgets held, in their order. */
  readonly values: readonly unknown[];
  /** The same by their names, as some packs save it; `values` is empty then. */
  readonly named: Readonly<Record<string, unknown>> | undefined;
  readonly models: readonly WebModel[];
}

/** Origin and target of a link; `inputNode` and `outputNode` stand for a subgraph's own inputs and outputs. */
export interface WebLink {
  readonly from: string;
  readonly fromSlot: number;
  readonly to: string;
  readonly toSlot: number;
}

export interface WebGraph {
  readonly nodes: ReadonlyMap<string, WebNode>;
  readonly links: ReadonlyMap<string, WebLink>;
}

export interface WebSubgraph extends WebGraph {
  readonly id: string;
  readonly inputs: readonly { readonly name: string; readonly links: readonly string[] }[];
  /** Ids of the links that feed each output. */
  readonly outputs: readonly (readonly string[])[];
}

export interface WebWorkflow {
  readonly root: WebGraph;
  readonly subgraphs: ReadonlyMap<string, WebSubgraph>;
  /** True where a pack draws links of its own that the file does not hold (use-everywhere). */
  readonly hasUnseenLinks: boolean;
}

/** In a subgraph: the origin of what comes in from outside. */
export const inputNode = "-10";

/** Values of a node's `mode`. */
export const muted = 2;
export const bypassed = 4;
