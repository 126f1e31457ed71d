/**
 * In which order the nodes of a graph run: comfy_execution/graph.py's `ExecutionList`. Knows nothing of what they do.
 */
import { type Graph, linkOf } from "../graph.ts";

/** The nodes still to run. Ask `next`, run it, call `done`; or `wait`, where it turns out to need more. */
export class ExecutionOrder {
  readonly #graph: Graph;
  readonly #isOutput: (id: string) => boolean;
  readonly #isCached: (id: string) => boolean;
  readonly #isLazy: (id: string, input: string) => boolean;
  /** In the order in which ComfyUI found them: from the outputs upwards, depth first. */
  readonly #pending = new Set<string>();
  /** What a node waits for. */
  readonly #blockers = new Map<string, Set<string>>();
  /** What waits for a node. */
  readonly #blocking = new Map<string, Set<string>>();

  /** Nodes of which `isCached` holds are left out, but for `outputs` themselves; so is what hangs on a lazy input. */
  constructor(options: {
    readonly graph: Graph;
    readonly outputs: readonly string[];
    readonly isOutput: (id: string) => boolean;
    readonly isCached: (id: string) => boolean;
    readonly isLazy: (id: string, input: string) => boolean;
  }) {
    this.#graph = options.graph;
    this.#isOutput = options.isOutput;
    this.#isCached = options.isCached;
    this.#isLazy = options.isLazy;
    for (const output of options.outputs) this.#add(output);
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

  /** A node waits for others, which run first (`make_input_strong_link`). */
  wait(id: string, others: readonly string[]): void {
    for (const other of others) {
      if (this.#isCached(other)) continue;
      this.#add(other);
      this.#link(other, id);
    }
  }

  #link(from: string, to: string): void {
    this.#blocking.get(from)?.add(to);
    this.#blockers.get(to)?.add(from);
  }

  #add(output: string): void {
    const stack = [output];
    const links: [from: string, to: string][] = [];
    while (true) {
      const id = stack.pop();
      if (id === undefined) break;
      if (this.#pending.has(id)) continue;
      this.#pending.add(id);
      this.#blockers.set(id, new Set());
      this.#blocking.set(id, new Set());
      for (const [input, value] of Object.entries(this.#graph[id]?.inputs ?? {})) {
        const link = linkOf(value);
        if (link === undefined || this.#isCached(link.node) || this.#isLazy(id, input)) continue;
        stack.push(link.node);
        links.push([link.node, id]);
      }
    }
    for (const [from, to] of links) this.#link(from, to);
  }
}
