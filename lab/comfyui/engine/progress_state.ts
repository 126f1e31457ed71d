/**
 * How far each node of a run is: the body of `progress_state` (comfy_execution/progress.py). Sends nothing.
 */

/** One node's progress; a sampler counts its steps. */
export interface NodeProgress {
  readonly value: number;
  readonly max: number;
  readonly state: "running" | "finished";
}

/** The nodes that began, in that order. */
export class ProgressBoard {
  readonly #promptId: string;
  readonly #nodes = new Map<string, NodeProgress>();

  constructor(promptId: string) {
    this.#promptId = promptId;
  }

  maxOf(id: string): number {
    return this.#nodes.get(id)?.max ?? 1;
  }

  set(id: string, change: Partial<NodeProgress>): void {
    const before = this.#nodes.get(id) ?? { value: 0, max: 1, state: "running" };
    this.#nodes.set(id, { ...before, ...change });
  }

  /** `nodes`, as the frame has them. */
  nodes(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      [...this.#nodes].map((
        [id, progress],
      ) => [id, { ...progress, ...nodeIds(id, this.#promptId) }]),
    );
  }
}

/** The ids by which frames name a node; subgraphs, where they would differ, do not occur here. */
export function nodeIds(id: string, promptId: string) {
  return {
    node_id: id,
    prompt_id: promptId,
    display_node_id: id,
    parent_node_id: null,
    real_node_id: id,
  };
}
