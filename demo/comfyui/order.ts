/**
 * In which order the nodes of a graph run: comfy_execution/graph.py's `ExecutionList`. Knows nothing of what they do.
 */
import { type Graph, linkOf } from "./validate.ts";

/** The nodes still to run. Ask `next`, run it, call `done`. */
export class ExecutionOrder {
  readonly #graph: Graph;
  readonly #isOutput: (id: string) => boolean;
  /** In the order in which ComfyUI found them: from the outputs upwards, depth first. */
  readonly #pending = new Set<string>();
  /** What a node waits for. */
  readonly #blockers = new Map<string, Set<string>>();
  /** What waits for a node. */
  readonly #blocking = new Map<string, Set<string>>();

  /** Nodes of which `isCached` holds are left out, but for `outputs` themselves. */
  constructor(options: {
    readonly graph: Graph;
    readonly outputs: readonly string[];
    readonly isOutput: (id: string) => boolean;
    readonly isCached: (id: string) => boolean;
  }) {
    this.#graph = options.graph;
    this.#isOutput = options.isOutput;
    for (const output of options.outputs) this.#add(output, options.isCached);
  }

  /** The next node, or undefined at the end. Throws where the rest wait for each other. */
  next(): string | undefined {
    if (this.#pending.size === 0) return undefined;
    const ready = [...this.#pending].filter((id) => this.#blockers.get(id)?.size === 0);
    const blocked = (id: string) => [...this.#blocking.get(id) ?? []];
    const picked = ready.find(this.#isOutput) ??
      ready.find((id) => blocked(id).some(this.#isOutput)) ??
      ready.find((id) => blocked(id).some((next) => blocked(next).some(this.#isOutput))) ??
      ready[0];
    if (picked === undefined) throw new Error("Cannot run the graph: dependency cycle detected");
    return picked;
  }

  done(id: string): void {
    this.#pending.delete(id);
    for (const next of this.#blocking.get(id) ?? []) this.#blockers.get(next)?.delete(id);
    this.#blocking.delete(id);
    this.#blockers.delete(id);
  }

  #add(output: string, isCached: (id: string) => boolean): void {
    const stack = [output];
    const links: [from: string, to: string][] = [];
    while (true) {
      const id = stack.pop();
      if (id === undefined) break;
      if (this.#pending.has(id)) continue;
      this.#pending.add(id);
      this.#blockers.set(id, new Set());
      this.#blocking.set(id, new Set());
      for (const value of Object.values(this.#graph[id]?.inputs ?? {})) {
        const link = linkOf(value);
        if (link === undefined || isCached(link.node)) continue;
        stack.push(link.node);
        links.push([link.node, id]);
      }
    }
    for (const [from, to] of links) {
      this.#blocking.get(from)?.add(to);
      this.#blockers.get(to)?.add(from);
    }
  }
}
