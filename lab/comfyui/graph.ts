/**
 * A graph as it is posted. Knows no class.
 */

/** One node of a posted graph. */
export interface GraphNode {
  readonly class_type: string;
  readonly inputs: Record<string, unknown>;
}

/** A posted graph, by node_id. */
export type Graph = Readonly<Record<string, GraphNode>>;

/** The link in an input's value (any list is one to ComfyUI), or undefined for a literal. */
export function linkOf(
  value: unknown,
): { readonly node: string; readonly slot: number } | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  return { node: String(value[0]), slot: Number(value[1]) };
}
