/**
 * A lexicon: words and stems by class, found in one pass over a written word, disguised or not. Owns which characters are taken
 * for which letters; does not know what the classes mean.
 *
 * A word is looked up as it is written first. Only a word that is in no class is read as a disguise: every character may stand for
 * those that look like it, a run of one letter for that letter alone, an asterisk for any letter or for none. The lookup walks a
 * trie with a set of states, so its time grows with the length of the word, never with the number of its readings.
 */

/**
 * Groups of a character and the letters that it may stand for besides itself: Latin ones read as Russian, Russian read as English,
 * other Cyrillic, Greek and phonetic ones, digits and signs.
 */
const lookAlikes: ReadonlyMap<string, string> = new Map(
  `
  aа bьвб cс dд eе gдг hн iий kк mмт nпи oо pр rгя tт uуий vu wш xх yу zз
  аa вb гr дdg еe иunй йuи кk мm нhn оo пn рp сc тtm уyu хx шw ьb яr
  іiий ѕs јj ԁd ԛq ԝw һh ӏl үyу ѵv αaа βbв εeе ηnп ιiи κkк νvn οoо πnп ρpр σoо ςsс τtт υuу χxх
  ωw ıiи łl øoо đd ɑaа ɡg ʀr ɴn ᴀaа ᴅd ᴇeе ᴋkк ᴍmм ᴏoо ᴘpп ᴛtт ᴜuи ɪiи ʟl ꜱs ƒfф €eе ∂dд
  0oо 1ilи 3eзеz 4aача 5s 6бb 7t 8bв 9gя @aа $s
`.trim().split(/\s+/).map((group) => [group.charAt(0), group]),
);

const none: ReadonlySet<never> = new Set<never>();
const plainRussian = /^[а-я]+$/;
const plainLatin = /^[a-z]+$/;
/** Disguised words that are this short are too often something else ("не" looks like "he"). */
const minDisguised = 4;
/** … unless the disguise is plain to see: two alphabets, digits, signs, or a letter three times over. */
const minBlatant = 3;

interface Node<Class> {
  readonly depth: number;
  next: Map<string, Node<Class>>;
  /** Classes of the words that end here, and of the stems. */
  words: readonly Class[];
  stems: readonly Class[];
}

/** Words by class; `*` at the end of one makes a stem of it. */
export type WordLists<Class extends string> = Readonly<Record<Class, string>>;

export interface Lexicon<Class extends string> {
  /** The classes that a normalised word belongs to, disguised or not. */
  classesOf(word: string): ReadonlySet<Class>;
  /** The same of a word as it is written, never disguised. */
  plainClassesOf(word: string): ReadonlySet<Class>;
  /** The same for every word that stands anywhere within a stretch of letters. */
  classesWithin(letters: string): ReadonlySet<Class>;
  /** The same for the words that begin with the first part and are complete within one of the parts from `from` on. */
  classesAcross(parts: readonly string[], from: number): ReadonlySet<Class>;
}

/**
 * Makes a lexicon of lists of normalised words, divided by whitespace. Words of a class in `plainOnly` are known as they are
 * written, never disguised.
 */
export function createLexicon<Class extends string>(
  lists: WordLists<Class>,
  plainOnly: readonly Class[] = [],
): Lexicon<Class> {
  const root = newNode<Class>(0);
  const plainRoot = newNode<Class>(0);
  for (const [name, list] of Object.entries(lists) as [Class, string][]) {
    const home = plainOnly.includes(name) ? plainRoot : root;
    for (const word of list.split(/\s+/).filter((it) => it !== "")) addWord(home, word, name);
  }
  const plainClassesOf = (word: string) =>
    readPlainly(root, word).union(readPlainly(plainRoot, word));
  return {
    plainClassesOf,
    classesOf(word) {
      const plain = plainClassesOf(word);
      if (plain.size > 0) return plain;
      const found = new Findings<Class>(() => minimumFor(word));
      read([root], word, 0, word.length, found, "whole");
      return found.classes;
    },
    classesWithin(letters) {
      const found = new Findings<Class>(() => minBlatant);
      for (let at = 0; at < letters.length; at++) {
        read([root], letters, at, Math.min(letters.length, at + maxWithin), found, "anywhere");
      }
      return found.classes;
    },
    classesAcross(parts, from) {
      const found = new Findings<Class>(() => hasLetters(parts.join("")) ? minDisguised : Infinity);
      const ignored = new Findings<Class>(() => Infinity);
      let states = [root];
      for (const [i, part] of parts.entries()) {
        states = read(states, part, 0, part.length, i < from ? ignored : found, "whole");
        if (states.length === 0) break;
      }
      return found.classes;
    },
  };
}

/** A normalised text as it reads in each alphabet, its first reading alone: Latin, then Russian. For those who search in texts. */
export function readings(text: string): readonly [latin: string, russian: string] {
  const read = (alphabet: RegExp) =>
    Array.from(text, (letter) => {
      if (alphabet.test(letter)) return letter;
      return Array.from(readingsOf(letter)).find((it) => alphabet.test(it)) ?? letter;
    }).join("");
  return [read(plainLatin), read(plainRussian)];
}

/** The longest word, repeated letters included, that is looked for within a stretch of letters. */
const maxWithin = 40;

/** Most nodes have one of the three or none: these are for the others. */
const nowhere = new Map<string, never>();
const nothing: readonly never[] = [];

function newNode<Class>(depth: number): Node<Class> {
  return { depth, next: nowhere, words: nothing, stems: nothing };
}

function addWord<Class>(root: Node<Class>, word: string, name: Class): void {
  const isStem = word.endsWith("*");
  let node = root;
  for (const letter of isStem ? word.slice(0, -1) : word) {
    let next = node.next.get(letter);
    if (next === undefined) {
      if (node.next === nowhere) node.next = new Map();
      node.next.set(letter, next = newNode(node.depth + 1));
    }
    node = next;
  }
  const ending = isStem ? "stems" : "words";
  node[ending] = [...node[ending], name];
}

function readPlainly<Class>(root: Node<Class>, word: string): ReadonlySet<Class> {
  let found: Set<Class> | undefined;
  let node: Node<Class> | undefined = root;
  for (let at = 0; at < word.length; at++) {
    node = node.next.get(word[at]!);
    if (node === undefined) return found ?? none;
    const ending = at === word.length - 1 ? [...node.stems, ...node.words] : node.stems;
    for (const name of ending) found = (found ?? new Set()).add(name);
  }
  return found ?? none;
}

/** Classes of disguised words, those that are too short left out. */
class Findings<Class> {
  classes: ReadonlySet<Class> = none;
  readonly #minimum: () => number;

  constructor(minimum: () => number) {
    this.#minimum = minimum;
  }

  add(depth: number, names: readonly Class[]): void {
    if (names.length === 0 || depth < minBlatant || depth < this.#minimum()) return;
    this.classes = this.classes.union(new Set(names));
  }
}

/**
 * Walks on from the states over the letters and gives those that it comes to. Stems count wherever they end; words at the end of
 * the whole, or anywhere.
 */
function read<Class>(
  from: Node<Class>[],
  letters: string,
  start: number,
  end: number,
  found: Findings<Class>,
  wordsEnd: "whole" | "anywhere",
): Node<Class>[] {
  let states = from;
  for (let at = start; at < end; at++) {
    const letter = letters[at]!;
    states = letter === "*"
      ? [...states, ...states.flatMap((state) => [...state.next.values()])]
      : step(states, letter, at > start && isAlike(letter, letters[at - 1]!));
    if (states.length === 0) return states;
    const isEnd = wordsEnd === "anywhere" || at === end - 1;
    for (const { depth, stems, words } of states) {
      found.add(depth, stems);
      if (isEnd) found.add(depth, words);
    }
  }
  return states;
}

/** The states that a letter leads to. One that repeats the last letter may also lead nowhere. */
function step<Class>(states: Node<Class>[], letter: string, repeats: boolean): Node<Class>[] {
  const reached: Node<Class>[] = repeats ? [...states] : [];
  const readings = readingsOf(letter);
  for (const state of states) {
    for (let i = 0; i < readings.length; i++) {
      const next = state.next.get(readings[i]!);
      if (next !== undefined && !(repeats && reached.includes(next))) reached.push(next);
    }
  }
  return reached;
}

/** The letter itself first. */
function readingsOf(letter: string): string {
  return lookAlikes.get(letter) ?? letter;
}

function isAlike(letter: string, last: string): boolean {
  return letter === last || readingsOf(last).includes(letter);
}

/** Numbers and the like are no words: at least half of one is letters. */
function minimumFor(word: string): number {
  if (plainLatin.test(word) || plainRussian.test(word)) {
    return /(.)\1\1/.test(word) ? minBlatant : minDisguised;
  }
  return hasLetters(word) ? minBlatant : Infinity;
}

function hasLetters(text: string): boolean {
  return 2 * text.replace(/\P{L}/gu, "").length >= text.length;
}

/** A sequence of words that was found: its index, and the tokens that it covers, `end` excluded. */
export interface FoundRow {
  readonly row: number;
  readonly start: number;
  readonly end: number;
}

export interface Rows {
  /** Every sequence among the tokens, in their order. */
  find(tokens: readonly string[]): readonly FoundRow[];
}

/** Finds sequences of normalised words or stems (idioms, the owner's phrases), disguised words included. None may be empty. */
export function createRows(rows: readonly (readonly string[])[]): Rows {
  if (rows.length === 0) return { find: () => [] };
  const lexicon = createLexicon(Object.fromEntries(rows.flat().map((word) => [word, word])));
  const byFirst = Map.groupBy(rows.entries(), ([, words]) => words[0]!);
  return {
    find(tokens) {
      const classes = tokens.map((token) => lexicon.classesOf(token));
      return classes.flatMap((firsts, start) =>
        [...firsts].flatMap((first) => byFirst.get(first) ?? [])
          .filter(([, words]) => words.every((word, i) => classes[start + i]?.has(word)))
          .map(([row, words]) => ({ row, start, end: start + words.length }))
      );
    },
  };
}
