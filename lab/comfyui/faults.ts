/**
 * What goes wrong on purpose: a list of faults that the simulator's parts ask before they act.
 * Knows nothing of HTTP, sockets or nodes beyond the questions that they ask.
 */

/** What of a prompt a fault may look at to decide whether it is meant. */
export interface FaultSubject {
  readonly promptId: string;
  readonly clientId: string | undefined;
  readonly graph: Readonly<Record<string, unknown>>;
}

interface Limited {
  /** How often it strikes before it is spent. Default: for ever, until it is removed. */
  readonly times?: number;
}

interface PromptFault extends Limited {
  /** Strikes only at prompts for which this holds. */
  readonly match?: (prompt: FaultSubject) => boolean;
}

/** One thing that goes wrong. */
export type Fault =
  | (Limited & {
    /** A request answered wrongly. */
    readonly kind: "http";
    /** Tested against the path without `/api`: `/prompt`, `/history/<id>`. */
    readonly path: RegExp;
    readonly method?: string;
    /**
     * A number or `"500"`: that status. `rubbish`: 200 with an HTML page. `half-json`: the true answer, cut in the middle.
     * `hang`: no answer until the fault is removed or the server dies. `cut`: the connection closed without an answer.
     */
    readonly answer: number | "500" | "rubbish" | "half-json" | "hang" | "cut";
    /** True: the request takes effect and only its answer is spoilt. Default false; `half-json` always has its effect. */
    readonly processed?: boolean;
  })
  /** From now on the sockets that are open get no frame any more; they stay open, new ones work. */
  | (Limited & { readonly kind: "socket-silent" })
  /** All open sockets are cut; with `refuse`, new ones are refused (503) until the fault is removed. */
  | (Limited & { readonly kind: "socket-cut"; readonly refuse?: boolean })
  /** All open sockets are cut, again and again. */
  | (Limited & { readonly kind: "socket-cut-every"; readonly everyMs: number })
  /** Before each true frame: an event of an unknown type, an empty binary frame and one of type 99. */
  | (Limited & { readonly kind: "unknown-frames" })
  /** Before each true frame: half of it as a text frame. */
  | (Limited & { readonly kind: "half-frames" })
  /** `GET /history/{id}` is `{}` for a prompt that has ended, `times` times. */
  | (PromptFault & { readonly kind: "late-history" })
  /** A node fails. */
  | (PromptFault & {
    readonly kind: "error";
    /** A class_type or a node_id. Default: the sampler. */
    readonly node?: string;
    /** As Python names it: `torch.OutOfMemoryError`. */
    readonly exceptionType: string;
    readonly exceptionMessage: string;
  })
  /**
   * A run stops at a node (default: the sampler) and does not go on until it is interrupted or the fault is removed: at its start, or
   * with `afterStep` once a sampler has reported that step.
   */
  | (PromptFault & { readonly kind: "stuck"; readonly node?: string; readonly afterStep?: number })
  /** An interrupt takes effect only `steps` checks (sampler steps, node starts) later than it should. */
  | (PromptFault & { readonly kind: "slow-interrupt"; readonly steps: number });

/** A fault of one kind. */
export type FaultOf<K extends Fault["kind"]> = Extract<Fault, { kind: K }>;

/** A fault that was added. */
export interface FaultHandle extends Disposable {
  /** How often it has struck. */
  readonly hits: number;
  remove(): void;
}

/** The faults in force. */
export interface Faults {
  add(fault: Fault): FaultHandle;
  clear(): void;
}

interface Entry {
  readonly fault: Fault;
  hits: number;
  /** Aborted when the fault is removed or spent. */
  readonly gone: AbortController;
}

/** The list of faults in force; `onAdd` hears of each new one (sockets act at once). */
export class FaultList implements Faults {
  readonly #entries = new Set<Entry>();
  #onAdd: (fault: Fault, strike: () => boolean, gone: AbortSignal) => void = () => {};

  /** Who acts at the moment a fault is added. `strike` counts a hit and is false once the fault is spent. */
  listen(onAdd: (fault: Fault, strike: () => boolean, gone: AbortSignal) => void): void {
    this.#onAdd = onAdd;
  }

  add(fault: Fault): FaultHandle {
    const entry: Entry = { fault, hits: 0, gone: new AbortController() };
    this.#entries.add(entry);
    this.#onAdd(fault, () => this.#strike(entry), entry.gone.signal);
    const remove = () => this.#remove(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove,
      [Symbol.dispose]: remove,
    };
  }

  clear(): void {
    for (const entry of [...this.#entries]) this.#remove(entry);
  }

  /**
   * The first fault of that kind that is meant, counted as a hit; undefined where there is none.
   * `gone` aborts when the fault is removed or the list cleared.
   */
  take<K extends Fault["kind"]>(
    kind: K,
    isMeant: (fault: FaultOf<K>) => boolean = () => true,
  ): { readonly fault: FaultOf<K>; readonly gone: AbortSignal } | undefined {
    for (const entry of this.#entries) {
      if (!isOf(entry.fault, kind) || !isMeant(entry.fault)) continue;
      const fault = entry.fault;
      if (this.#strike(entry)) return { fault, gone: entry.gone.signal };
    }
    return undefined;
  }

  /** True while a fault of that kind is in force that is meant; counts nothing. */
  has<K extends Fault["kind"]>(kind: K, isMeant: (fault: FaultOf<K>) => boolean): boolean {
    for (const { fault } of this.#entries) if (isOf(fault, kind) && isMeant(fault)) return true;
    return false;
  }

  #strike(entry: Entry): boolean {
    if (!this.#entries.has(entry)) return false;
    entry.hits++;
    // A spent fault leaves the list, but a request that hangs on it hangs on until the fault is removed.
    if (entry.hits >= (entry.fault.times ?? Infinity)) this.#entries.delete(entry);
    return true;
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry);
    entry.gone.abort();
  }
}

function isOf<K extends Fault["kind"]>(fault: Fault, kind: K): fault is FaultOf<K> {
  return fault.kind === kind;
}

/** True where the fault is meant for that node of the prompt: it names its id or its class, or none and the node is the default. */
export function isMeantAt(
  fault: FaultOf<"error" | "stuck">,
  prompt: FaultSubject,
  node: { readonly id: string; readonly classType: string; readonly isDefault: boolean },
): boolean {
  const { node: named } = fault;
  const isThere = named === undefined ? node.isDefault : [node.id, node.classType].includes(named);
  return isThere && isMeantFor(fault, prompt);
}

/** True where the fault has no `match`, or it holds for that prompt. */
export function isMeantFor(fault: PromptFault, prompt: FaultSubject): boolean {
  return fault.match?.(prompt) ?? true;
}
