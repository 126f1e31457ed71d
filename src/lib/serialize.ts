/** Turns: acts about one thing are done one after the other, in the order that they came. Knows neither menus, nor chats. */

/** Makes `act` when those with the same key that came before have ended, however they ended. */
export type Serialize = <T>(key: string, act: () => Promise<T>) => Promise<T>;

/** Begins with nobody waiting. */
export function createSerializer(): Serialize {
  const last = new Map<string, Promise<unknown>>();
  return (key, act) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(act, act);
    last.set(key, turn);
    const leave = () => {
      if (last.get(key) === turn) last.delete(key);
    };
    turn.then(leave, leave);
    return turn;
  };
}

/**
 * Makes `act` at once, or when the one that is under way has ended. Resolves or rejects as it does; where a newer one has
 * taken its place, as that one does.
 */
export type Coalesce<T> = (key: string, act: () => Promise<T>) => Promise<T>;

interface Waiting<T> {
  act: () => Promise<T>;
  readonly ended: PromiseWithResolvers<T>;
}

interface Lane<T> {
  waiting: Waiting<T> | undefined;
}

/** Begins with nothing under way. */
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
