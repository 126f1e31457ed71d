/** Turns: acts about one thing are done one after the other, in the order that they came. Knows neither menus, nor chats. */

/** Makes `act` when those with the same key that came before have ended, however they ended. */
export type Turns = <T>(key: string, act: () => Promise<T>) => Promise<T>;

/** Begins with nobody waiting. */
export function createTurns(): Turns {
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
