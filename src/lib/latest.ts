/**
 * The latest of many calls about one thing: of those for one key at most one is under way, and of those that wait for
 * it only the newest is made. Knows neither messages nor Telegram.
 *
 *   at rest ──call──▶ busy ──call──▶ busy, one waits ──call──▶ the same, the newer one waits
 *      ▲────ended─────┘ ▲──────────────ended───────────┘
 */

/**
 * Makes `act` at once, or when the one that is under way has ended. Resolves or rejects as it does; where a newer one has
 * taken its place, as that one does.
 */
export type Latest<T> = (key: string, act: () => Promise<T>) => Promise<T>;

interface Waiting<T> {
  act: () => Promise<T>;
  readonly ended: PromiseWithResolvers<T>;
}

interface Lane<T> {
  waiting: Waiting<T> | undefined;
}

/** Begins with nothing under way. */
export function createLatest<T = void>(): Latest<T> {
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
