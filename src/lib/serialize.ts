/** Order of asynchronous work: one call after the other, or the newest only. Knows nothing of what the calls do. */

/** Runs `act` when its turn comes, in the order of the calls. Settles as `act` does. */
export type Chain = <T>(act: () => Promise<T>) => Promise<T>;

/** Makes a chain on which each call waits until all earlier ones have settled. */
export function createChain(): Chain {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const run = last.then(act, act);
    last = run;
    return run;
  };
}

/** Makes a chain on which `max` calls run at a time; the others wait. */
export function createTurns(max: number): Chain {
  const waiting: PromiseWithResolvers<void>[] = [];
  let free = max;
  return async (act) => {
    if (free > 0) free--;
    else {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn);
      await turn.promise;
    }
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next) next.resolve();
      else free++;
    }
  };
}

/** A chain for each key. */
export type Serialize = <T>(key: string, act: () => Promise<T>) => Promise<T>;

/** Makes a serializer; a key without pending calls takes no memory. */
export function createSerializer(): Serialize {
  const lanes = new Map<string, { readonly chain: Chain; pending: number }>();
  return async (key, act) => {
    const lane = lanes.get(key) ?? { chain: createChain(), pending: 0 };
    lanes.set(key, lane);
    lane.pending++;
    try {
      return await lane.chain(act);
    } finally {
      if (--lane.pending === 0) lanes.delete(key);
    }
  };
}

/**
 * Runs `act` at once, or when the running call of the same key has settled. Of several that wait only the newest runs, and
 * all of them settle as it does.
 */
export type Coalesce<T> = (key: string, act: () => Promise<T>) => Promise<T>;

interface Waiting<T> {
  act: () => Promise<T>;
  readonly ended: PromiseWithResolvers<T>;
}

interface Lane<T> {
  waiting: Waiting<T> | undefined;
}

/** Makes a coalescer with nothing running. */
export function createCoalescer<T = void>(): Coalesce<T> {
  const lanes = new Map<string, Lane<T>>();

  async function run(key: string, lane: Lane<T>): Promise<void> {
    for (let next = lane.waiting; next; next = lane.waiting) {
      lane.waiting = undefined;
      try {
        next.ended.resolve(await next.act());
      } catch (error) {
        next.ended.reject(error);
      }
    }
    lanes.delete(key);
  }

  return (key, act) => {
    const known = lanes.get(key);
    if (known?.waiting) {
      known.waiting.act = act;
      return known.waiting.ended.promise;
    }
    const waiting = { act, ended: Promise.withResolvers<T>() };
    if (known) known.waiting = waiting;
    else {
      const lane = { waiting };
      lanes.set(key, lane);
      run(key, lane);
    }
    return waiting.ended.promise;
  };
}
