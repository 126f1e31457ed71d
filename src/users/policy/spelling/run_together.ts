/** Words written as one: "removeherclothes", "безодежды". Does not know what the words mean together. */

const minLength = 7;
const minPart = 2;

/** Takes a written word apart; undefined where it is not made of known words alone, one of them telling. */
export type TakeApart = (written: string) => readonly string[] | undefined;

/** `telling`: words that a run must have one of. `others`: words that may stand beside it. Stems (`*`) are left out. */
export function createTakeApart(telling: readonly string[], others: readonly string[]): TakeApart {
  const tells = new Set(telling.flatMap(wholeWords));
  const known = tells.union(new Set(others.flatMap(wholeWords)));
  const longest = Math.max(...[...known].map(({ length }) => length));
  return (written) => {
    if (written.length < minLength || known.has(written)) return undefined;
    const parts = partsOf(written, 0);
    return parts?.some((part) => tells.has(part)) ? parts : undefined;
  };

  function partsOf(written: string, at: number, failed = new Set<number>()): string[] | undefined {
    if (at === written.length) return [];
    if (failed.has(at)) return undefined;
    for (let end = Math.min(written.length, at + longest); end >= at + minPart; end--) {
      const part = written.slice(at, end);
      const rest = known.has(part) ? partsOf(written, end, failed) : undefined;
      if (rest !== undefined) return [part, ...rest];
    }
    failed.add(at);
    return undefined;
  }
}

function wholeWords(list: string): string[] {
  return list.split(/\s+/).filter((word) => word.length >= minPart && !word.endsWith("*"));
}
