/**
 * Faults of the emulated Bot API server: which calls fail, how, how often. It decides; it does not answer requests.
 */

/** How a call fails. */
export type FaultKind =
  /** 500 `Internal Server Error`, no effect. */
  | { readonly kind: "500" }
  /** 502 with nginx's HTML page in place of JSON, no effect. */
  | { readonly kind: "502html" }
  /** 429 with `parameters.retry_after` seconds (default 1), no effect. */
  | { readonly kind: "429"; readonly retryAfter?: number }
  /** No answer for `ms` milliseconds (default: for ever), then served as usual. */
  | { readonly kind: "hang"; readonly ms?: number }
  /** The call took effect, and its answer does not come until faults are cleared. */
  | { readonly kind: "hang-after" }
  /** The connection is closed, no effect. */
  | { readonly kind: "cut-before" }
  /** The call took effect, then the connection is closed without an answer. */
  | { readonly kind: "cut-after" }
  /** 413 with nginx's HTML page in place of JSON, no effect. */
  | { readonly kind: "413html" }
  /** Refused with `code` (default 400), `description` and `parameters.migrate_to_chat_id`, no effect. */
  | {
    readonly kind: "refuse";
    readonly code?: number;
    readonly description?: string;
    readonly migrateTo?: number;
  };

/** A fault and the calls that it is for. */
export type Fault = FaultKind & {
  /** A method's name, in any case, or a pattern; `file` is a download. Default: all but `getUpdates`. */
  readonly method?: string | RegExp;
  /** The chat that the call is about; default any. */
  readonly chat?: number;
  /** How many calls it hits; default: all. */
  readonly times?: number;
  /** Chance of a hit, 0…1; default 1. */
  readonly probability?: number;
};

export interface FaultHandle {
  /** How many calls it has hit. */
  readonly hits: number;
  remove(): void;
}

export interface Faults {
  add(fault: Fault): FaultHandle;
  /** Removes all; hanging calls are served at once. */
  clear(): void;
}

interface Planned {
  readonly fault: Fault;
  left: number;
  hits: number;
}

/** What the server does with a call, decided before it is served. */
export interface FaultBook extends Faults {
  /** The fault for a call of this method about this chat, counted as a hit; undefined for none. */
  hit(method: string, chatId?: number): FaultKind | undefined;
  /** Waits out a "hang"; resolves early when faults are cleared, rejects when the signal aborts. */
  hang(ms: number | undefined, signal: AbortSignal): Promise<void>;
}

function matches(fault: Fault, method: string): boolean {
  if (fault.method === undefined) return method.toLowerCase() !== "getupdates";
  if (typeof fault.method === "string") return fault.method.toLowerCase() === method.toLowerCase();
  return fault.method.test(method);
}

/** Makes an empty book of faults; the first that was added and matches is the one that hits. */
export function createFaults({ random }: { readonly random: () => number }): FaultBook {
  const planned: Planned[] = [];
  const hanging = new Set<() => void>();
  const remove = (entry: Planned) => {
    const at = planned.indexOf(entry);
    if (at !== -1) planned.splice(at, 1);
  };
  return {
    add(fault) {
      const entry: Planned = { fault, left: fault.times ?? Infinity, hits: 0 };
      planned.push(entry);
      return {
        get hits() {
          return entry.hits;
        },
        remove: () => remove(entry),
      };
    },
    clear() {
      planned.length = 0;
      for (const release of [...hanging]) release();
    },
    hit(method, chatId) {
      const entry = planned.find(({ fault }) =>
        matches(fault, method) && (fault.chat === undefined || fault.chat === chatId) &&
        (fault.probability === undefined || random() < fault.probability)
      );
      if (entry === undefined) return undefined;
      entry.hits += 1;
      entry.left -= 1;
      if (entry.left <= 0) remove(entry);
      return entry.fault;
    },
    hang(ms, signal) {
      return new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(timer);
          hanging.delete(release);
          signal.removeEventListener("abort", onAbort);
        };
        const release = () => {
          end();
          resolve();
        };
        const onAbort = () => {
          end();
          reject(signal.reason);
        };
        const timer = ms === undefined ? undefined : setTimeout(release, ms);
        if (signal.aborted) return onAbort();
        hanging.add(release);
        signal.addEventListener("abort", onAbort);
      });
    },
  };
}
