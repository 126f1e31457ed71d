/** Misspellings of words of the rules: a letter left out, two swapped, a vowel as it sounds. Does not know what the words mean. */

/** A shorter word with a wrong letter is too often another word. */
const minLength = 6;
/** A doubled letter may be single in shorter words too. */
const minDoubled = 5;
/** Russian vowels that sound alike where they are not stressed. */
const heardAlike: Readonly<Record<string, string>> = {
  "а": "о",
  "о": "а",
  "е": "и",
  "и": "е",
  "я": "е",
};

/** Real words that a misspelling would equal. */
const otherWords = new Set(
  `
  boxes boxer boxers sorts shots short shorts tight tights thigh thighs tongs cloth cloths night nights single trunk trunks buster seater thirst
  brief skits shirks patties panes each teach forge forges forces leased lease eased easing losing dude dudes topes needs unders outs
  мойка мойки мойку мойке мойкой мойками личик личики сорока сороку сорок совет соврет совать соврать задать сдать здать включи включить
  включите труса трусом трус ногой ногами ногою ногая нога ноготь стань стать стена стене порет порят кинет синет платя шины повет срезать
  галой копри бриджи стерт роет поврет белем`.trim().split(/\s+/),
);

/** The misspellings of the words of a list, stems left out; none that is one of `known`. */
export function misspellings(list: string, known: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const word of list.trim().split(/\s+/)) {
    if (!word.endsWith("*")) { for (const it of misspelled(word)) found.add(it); }
  }
  return found.difference(known).difference(otherWords);
}

function* misspelled(word: string): Generator<string> {
  if (word.length < minDoubled) return;
  for (let i = 0; i < word.length; i++) {
    const [letter, next] = [word[i]!, word[i + 1]];
    const [head, tail] = [word.slice(0, i), word.slice(i + 1)];
    const heard = heardAlike[letter];
    if (heard !== undefined) yield head + heard + tail;
    if (letter === next) yield head + tail;
    if (i === 0 || word.length < minLength) continue;
    yield head + tail;
    if (next !== undefined && next !== letter) yield head + next + letter + word.slice(i + 2);
  }
}
