/**
 * The built-in rules: what is refused, said in classes of words. Owns the order in which a sentence is judged, and what is nude or
 * sexual; how clothes come off is undressing.ts's, what is an everyday edit all the same everyday.ts's. The words are
 * users/policy/words/word_lists.ts's, their disguises lexicon.ts's.
 *
 * "Do not remove the dress" and "no nudity" are heard; but "not naked" is not, for an image model reads it as "naked".
 */
import {
  isAcceptedBareness,
  isBareAthlete,
  isClothed,
  isCovered,
  isNegated,
  isOwnedByNobody,
  isWritten,
} from "./everyday.ts";
import {
  around,
  goesOn,
  is,
  isNear,
  objectOf,
  type Spot,
  subjectBefore,
  type Word,
  type Words,
} from "./reach.ts";
import { divideSentences } from "./reader.ts";
import { createSequences, type FindSequence } from "./sequence.ts";
import { isExcused, isUndressing } from "./undressing.ts";
import { excusableSequences, sexualSequences, undressingSequences } from "./words/mod.ts";

/** What a refused sentence asks for; stands in the audit line. */
export type BuiltInRule = "nudity" | "undressing" | "sexual";

/** The built-in sequences of words, compiled. */
export interface BuiltInSequences {
  readonly excusable: FindSequence;
  readonly undressing: FindSequence;
  readonly sexual: FindSequence;
}

/** Compiles the built-in sequences. */
export function createBuiltInSequences(): BuiltInSequences {
  return {
    excusable: createSequences(excusableSequences),
    undressing: createSequences(undressingSequences),
    sexual: createSequences(sexualSequences),
  };
}

/** The most words of a sentence after a verb that are looked at. */
const maxAfter = 30;

/** The first built-in rule that the words break. Time grows with their number alone. */
export function brokenRule(
  words: Words,
  sequences: BuiltInSequences,
): BuiltInRule | undefined {
  for (const sentence of divideSentences(words)) {
    const clauses = divideClauses(sentence);
    let start = 0;
    for (const clause of clauses) {
      for (let at = 0; at < clause.length; at++) {
        if (clause[at]!.classes.size === 0) continue;
        const after = sentence.slice(start + at, start + at + maxAfter);
        const rule = ruleAt({ words: clause, at, after, sentence });
        if (rule !== undefined) return rule;
      }
      start += clause.length;
    }
    for (let at = 0; at < sentence.length; at++) {
      const after = sentence.slice(at, at + maxAfter);
      const rule = sequenceAt({ words: sentence, at, after, sentence }, sequences);
      if (rule !== undefined) return rule;
      if (clauses.length === 1) continue;
      if (isUndressing({ words: sentence, at, after, sentence }, "over clauses")) {
        return "undressing";
      }
    }
  }
  return undefined;
}

/** The rule of the first refused sequence that begins at a place. */
function sequenceAt(spot: Spot, sequences: BuiltInSequences): BuiltInRule | undefined {
  const { words, at } = spot;
  if (is(words, at - 1, "not")) return undefined;
  if (
    sequences.sexual(words, at) && !isWritten(words, at) &&
    !(is(words, at - 1, "creature") && !is(words, at - 1, "person"))
  ) {
    return "sexual";
  }
  if (sequences.undressing(words, at)) return "undressing";
  return sequences.excusable(words, at) && !isExcused(spot) ? "undressing" : undefined;
}

function ruleAt(spot: Spot): BuiltInRule | undefined {
  const { words, at } = spot;
  if (isBare(spot)) return "nudity";
  if (isUndressing(spot, "in a clause")) return "undressing";
  const breaks = (rule: (words: Words, at: number) => boolean) => rule(words, at);
  return [isSexual, isPutInto, isOnlyIn, isEnlarged, isUnderwearSeen, isHot].some(breaks)
    ? "sexual"
    : undefined;
}

function divideClauses(sentence: Words): Words[] {
  const clauses: Word[][] = [[]];
  for (const word of sentence) {
    if (word.begins !== undefined) clauses.push([]);
    clauses.at(-1)!.push(word);
  }
  return clauses;
}

/** Naked, but not of a tree, an eye, a lipstick; bare of what is not shown. */
function isBare(spot: Spot): boolean {
  const { words, at } = spot;
  if (is(words, at, "bareOnly")) return isWhollyBare(words, at) && !isBareAthlete(words, at);
  if (!is(words, at, "bare") || is(words, at, "innocent")) return false;
  if (isAcceptedBareness(spot) || isBareAthlete(words, at)) return false;
  if (!is(words, at + 1, "person", "prep", "stop")) {
    const thing = [at + 1, at + 2].find((i) => is(words, i, "bareThing"));
    if (thing !== undefined) return is(words, thing + 1, "person", "photo");
  }
  if (around(words, at, 12, 12).some((i) => is(words, i, "person"))) return true;
  let before = at - 1;
  while (before > at - 3 && !is(words, before, "bareThing", "stop")) before--;
  return !is(words, before, "bareThing") || is(words, before - 1, "prep");
}

/** "bare her chest", "completely bare"; not "bare feet". */
function isWhollyBare(words: Words, at: number): boolean {
  const next = is(words, at + 1, "person", "filler") ? at + 2 : at + 1;
  if (is(words, next, "bareChest") && !is(words, at + 1, "thing") && !is(words, next + 1, "of")) {
    return !isCovered(words, at) && !isOwnedByNobody(words, at);
  }
  if (is(words, at + 1, "all") || is(words, at + 1, "filler") && is(words, at + 2, "all")) {
    return true;
  }
  if (at + 1 === words.length) {
    if (
      is(words, at - 1, "person") &&
      around(words, at, 3, 0).some((i) => is(words, i, "change", "keep"))
    ) return true;
    const subject = subjectBefore(words, at);
    if (is(words, subject, "breast", "bareChest", "chest")) return true;
  }
  return is(words, at - 1, "wholly") &&
    (at + 1 === words.length || is(words, at + 1, "person", "stop"));
}

function isSexual(words: Words, at: number): boolean {
  const isNamed = is(words, at, "sexual", "sex", "intimate", "stripper");
  if (isNamed && (isNegated(words, at) || isWritten(words, at))) return false;
  if (isNamed && isHidden(words, at)) return false;
  if (isNamed && (isOfVehicle(words, at) || isBird(words, at))) return false;
  if (is(words, at, "rating")) return true;
  if (is(words, at, "sexual")) {
    const isRefused = is(words, at - 1, "not") ||
      is(words, at + 1, "not") && is(words, at + 2, "need");
    return !is(words, at + 1, "schooling") && !isRefused;
  }
  if (is(words, at, "sex")) {
    return !is(words, at - 1, "same") && !is(words, at + 1, "schooling");
  }
  if (is(words, at, "stripper")) {
    return ![at - 1, at + 1, at + 2].some((i) => is(words, i, "stripped"));
  }
  if (is(words, at, "intimate")) {
    return !around(words, at, 4, 6).some((i) => is(words, i, "scene", "place")) &&
      !isClothed(words, at);
  }
  if (is(words, at, "revealing")) {
    return !is(words, at - 1, "lessWord") && !is(words, at + 1, "scene") &&
      (words.length === 1 || around(words, at, 4, 3).some((i) => is(words, i, "garment", "pose")));
  }
  if (is(words, at, "skin")) return isMoreSkin(words, at);
  return is(words, at, "bedwear") && is(words, at - 1, "bedwearKind") &&
    !around(words, at, 3, 3).some((i) => is(words, i, "scene", "thing", "place")) &&
    !isClothed(words, at);
}

/** "great tits at the feeder". */
function isBird(words: Words, at: number): boolean {
  const near = around(words, at, 4, 6);
  return is(words, at, "birdName") && near.some((i) => is(words, i, "birdPlace")) &&
    !near.some((i) => is(words, i, "person"));
}

/** "a sexy sports car". */
function isOfVehicle(words: Words, at: number): boolean {
  return [at + 1, at + 2, at + 3].some((i) => is(words, i, "vehicle")) &&
    !around(words, at, 8, 8).some((i) => is(words, i, "person", "bare", "skin"));
}

/** "hide her nipples", "blur …". */
function isHidden(words: Words, at: number): boolean {
  let verb = at - 1;
  while (is(words, verb, "filler", "person")) verb--;
  return is(words, verb, "hideOnly");
}

/** "show more of her skin"; not "more skin texture". */
function isMoreSkin(words: Words, at: number): boolean {
  if (is(words, at, "nothing") || is(words, at + 1, "thing", "texture")) return false;
  let from = at - 1;
  while (is(words, from, "of", "person", "prep")) from--;
  if (is(words, from - 1, "not")) return false;
  return is(words, from, "more") || is(words, from, "onlyMuch") && at + 1 === words.length ||
    is(words, at + 1, "onlyMuch") && at + 2 === words.length;
}

/** "put her in a bikini", "replace the dress with skin", "in her underwear"; not "the woman in the bikini". */
function isPutInto(words: Words, at: number): boolean {
  if (isBathing(words, at) || is(words, at, "swim") && is(words, at - 1, "modest")) return false;
  if (is(words, at, "dress")) {
    const verb = is(words, at + 1, "on") ? at + 1 : at;
    const object = objectOf(words, verb, ["swim", "under"], {
      maxOthers: 2,
      through: "into",
    });
    if (
      object !== undefined && !is(words, object - 1, "definite") &&
      !is(words, object + 1, "thing") && !isClothed(words, object) &&
      !isOwnedAsIs(words, at, object) && !isReplaced(words, at, object)
    ) {
      return true;
    }
  }
  if (!is(words, at, "swim", "under", "skin")) return false;
  if (is(words, at, "swim") && isNear(words, at, "shrink") && !is(words, at + 1, "thing")) {
    return true;
  }
  if (is(words, at, "swim") && is(words, at + 1, "on", "onRu") && is(words, at + 2, "person")) {
    if (
      !around(words, at, 4, 0).some((i) => is(words, i, "definite", "change", "person", "mend"))
    ) return true;
  }
  let into = at - 1;
  const leads = (i: number) => is(words, i, "into", "swapFor", "becomes");
  while (into > at - 4 && into > 0 && !leads(into)) {
    if (is(words, into, "definite", "stop", "thing", "outer", "place", "lies")) return false;
    into--;
  }
  if (!leads(into)) return false;
  if (is(words, at, "under") && is(words, into, "into")) {
    return !is(words, at + 1, "scene", "thing") && !isRemovedPerson(words, into) &&
      !isClothed(words, at);
  }
  let isDressed = !is(words, at, "skin");
  for (let i = into - 1; i >= into - 5 && i >= 0; i--) {
    if (is(words, i, "thing") && !is(words, i, "cover", "fabric")) return false;
    isDressed ||= is(words, i, "garment", "cover", "fabric");
    if (isDressed && is(words, i, "change")) return true;
  }
  return false;
}

/** "she wears a bikini at the beach": where it is worn, and nothing puts her into it. */
function isBathing(words: Words, at: number): boolean {
  const near = around(words, at, 6, 8);
  return near.some((i) => is(words, i, "water")) && is(words, at, "swim", "wears") &&
    !near.some((i) => is(words, i, "under", "shrink", "bare", "sexual", "sheer")) &&
    !around(words, at, 8, 0).some((i) =>
      is(words, i, "change", "let", "dress") && !is(words, i, "wears")
    );
}

/** "change her bikini to …": what she wears already is what is changed. */
function isOwnedAsIs(words: Words, verb: number, object: number): boolean {
  return is(words, verb, "swap") &&
    !words.slice(verb + 1, object).some((_, i) => is(words, verb + 1 + i, "into", "garment"));
}

/** "вместо бикини сарафан": it is what goes. */
function isReplaced(words: Words, instead: number, object: number): boolean {
  return is(words, instead, "inPlace") &&
    !words.slice(instead + 1, object).some((_, i) =>
      is(words, instead + 1 + i, "garment", "cover")
    );
}

/** "remove the woman in lingerie": another person goes. */
function isRemovedPerson(words: Words, into: number): boolean {
  return is(words, into - 1, "person") &&
    around(words, into, 5, 0).some((i) => is(words, i, "cutOut"));
}

/** "wearing only a towel", "в одном полотенце", "keep only the underwear". */
function isOnlyIn(words: Words, at: number): boolean {
  if (is(words, at, "scantWear") && is(words, at + 1, "only")) return at + 2 === words.length;
  if (is(words, at, "all") && is(words, at + 1, "person") && is(words, at + 2, "wears", "be")) {
    return around(words, at, 4, 6).some((i) => is(words, i, "scant", "under", "swim"));
  }
  if (!is(words, at, "only")) return false;
  for (let i = at + 1; i <= at + 3 && goesOn(words, i); i++) {
    if (is(words, i, "under", "swim") && !is(words, i + 1, "thing", "scene")) {
      return around(words, at, 4, 0).some((b) => is(words, b, "keep", "covered", "onRu"));
    }
    if (
      is(words, i, "scantWear") && at === 0 && (i + 1 === words.length || is(words, i + 1, "on"))
    ) return true;
    if (is(words, i, "scant")) {
      return around(words, at, 4, 0).some((b) => is(words, b, "covered")) ||
        is(words, i + 1, "on", "prep", "covered") &&
          (words.length === i + 2 || is(words, i + 2, "person")) ||
        isOnPerson(words, at);
    }
    if (!is(words, i, "filler", "prep", "person", "into")) return false;
  }
  return false;
}

/** "на мужчине (будет) …". */
function isOnPerson(words: Words, at: number): boolean {
  const person = subjectBefore(words, at);
  return is(words, person, "person") && is(words, person - 1, "onRu");
}

/** "bigger breasts", "покажи грудь"; not "a badge on the breast". */
function isEnlarged(words: Words, at: number): boolean {
  if (is(words, at, "skin")) return isBodyRevealed(words, at);
  if (is(words, at, "reveal") && is(words, at, "revealWhole")) {
    return is(words, at + 1, "person") && at + 2 === words.length;
  }
  if (is(words, at, "chest")) {
    const next = [at + 1, at + 2, at + 3].find((i) => !is(words, i, "be", "aux", "filler"));
    return is(words, at - 1, "her") &&
      (isNear(words, at, "enlarge") || next !== undefined && is(words, next, "enlarge"));
  }
  if (is(words, at, "zoom")) {
    const seen = [at + 1, at + 2, at + 3, at + 4].find((i) => is(words, i, "breast"));
    return seen !== undefined && is(words, seen - 1, "person") && !is(words, seen + 1, "thing");
  }
  if (!is(words, at, "breast") || is(words, at - 1, "animal", "prep", "lessWord")) return false;
  if (is(words, at + 1, "thing") && !is(words, at + 1, "size")) return false;
  if (is(words, at - 1, "size") || isNear(words, at, "enlarge")) return true;
  let next = at + 1;
  while (is(words, next, "be", "aux", "filler")) next++;
  if (is(words, next, "enlarge") && next > at + 1) return true;
  return around(words, at, 3, 0).some((i) => is(words, i, "covering")) &&
    around(words, at, 0, 4).some((i) => is(words, i, "scant"));
}

/** "видны трусики", "so the bra is visible"; not in a shop. */
function isUnderwearSeen(words: Words, at: number): boolean {
  return is(words, at, "under") && !is(words, at - 1, "thing") &&
    around(words, at, 2, 3).some((i) => is(words, i, "seen")) &&
    !around(words, at, 4, 4).some((i) => is(words, i, "scene", "place", "creature")) &&
    !is(words, at + 1, "thing");
}

/** "reveal her body"; not "show her full body". */
function isBodyRevealed(words: Words, at: number): boolean {
  if (!is(words, at, "bodies") || at + 1 < words.length && !is(words, at + 1, "stop")) return false;
  let verb = at - 1;
  while (is(words, verb, "person", "filler")) verb--;
  return verb < at - 1 &&
    (is(words, verb, "reveal") || is(words, verb + 1, "off") && is(words, verb, "show"));
}

/** "make her hot", "сделай её погорячее"; not "make her coffee hot". */
function isHot(words: Words, at: number): boolean {
  if (!is(words, at, "hot") || is(words, at + 1, "thing")) return false;
  let person = at - 1;
  while (person > at - 4 && is(words, person, "filler")) person--;
  return is(words, person, "person") &&
    around(words, person, 3, 0).some((i) => is(words, i, "change")) &&
    !is(words, person - 1, "prep");
}
