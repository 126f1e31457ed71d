/**
 * The built-in rules: what is refused, said in classes of words. Owns which words together mean to undress or to sexualise
 * somebody; the words are policy_words.ts's, their disguises policy_lexicon.ts's.
 *
 * "Do not remove the dress" is no removal; but no other negation counts: an image model reads "not naked" as "naked".
 */
import { around, goesOn, is, isNear, objectOf, type Word, type Words } from "./policy_reach.ts";

/** What a refused sentence asks for; stands in the audit line. */
export type BuiltInRule = "nudity" | "undressing" | "sexual";

/** The first built-in rule that the words break. Time grows with their number alone. */
export function brokenRule(words: Words): BuiltInRule | undefined {
  for (const sentence of divide(words, ({ begins }) => begins === "sentence")) {
    const clauses = divide(sentence, ({ begins }) => begins !== undefined);
    for (const clause of clauses) {
      for (let at = 0; at < clause.length; at++) {
        const rule = clause[at]!.classes.size > 0 ? ruleAt(clause, at) : undefined;
        if (rule !== undefined) return rule;
      }
    }
    if (clauses.length > 1 && sentence.some((_, at) => removes(sentence, at))) return "undressing";
  }
  return undefined;
}

function ruleAt(clause: Words, at: number): BuiltInRule | undefined {
  const breaks = (rule: (words: Words, at: number) => boolean) => rule(clause, at);
  if (isBare(clause, at)) return "nudity";
  if ([removes, removesAll, strips, isWithout, isGone].some(breaks)) return "undressing";
  if ([isSheer, isInNothing, isLookBeneath].some(breaks)) return "undressing";
  return [isSexual, isPutInto, isEnlarged, isHot].some(breaks) ? "sexual" : undefined;
}

function divide(words: Words, begins: (word: Word) => boolean): Words[] {
  const parts: Word[][] = [[]];
  for (const word of words) {
    if (begins(word)) parts.push([]);
    parts.at(-1)!.push(word);
  }
  return parts;
}

/** Naked, but not of a tree, an eye, a lipstick. */
function isBare(words: Words, at: number): boolean {
  if (!is(words, at, "bare") || is(words, at, "innocent")) return false;
  if (!is(words, at + 1, "person", "prep", "stop")) {
    const thing = [at + 1, at + 2].find((i) => is(words, i, "bareThing"));
    if (thing !== undefined) return is(words, thing + 1, "person", "photo");
  }
  if (around(words, at, 12, 12).some((i) => is(words, i, "person"))) return true;
  const before = around(words, at, 2, 0).find((i) => is(words, i, "bareThing"));
  return before === undefined || is(words, before - 1, "prep");
}

function isSexual(words: Words, at: number): boolean {
  if (is(words, at, "sexual")) return true;
  if (is(words, at, "sex")) return !is(words, at - 1, "same");
  if (is(words, at, "stripper")) return !is(words, at - 1, "stripped");
  if (is(words, at, "intimate")) return !around(words, at, 1, 1).some((i) => is(words, i, "scene"));
  return is(words, at, "bedwear") && is(words, at - 1, "bedwearKind") &&
    !around(words, at, 3, 3).some((i) => is(words, i, "scene", "thing"));
}

/** "without (her) clothes", "без одежды". */
function isWithout(words: Words, at: number): boolean {
  if (!is(words, at, "without", "no")) return false;
  const maxOthers = is(words, at, "no") ? 0 : 1;
  const object = objectOf(words, at, ["garment"], { maxOthers });
  return object !== undefined && isWornOff(words, at, object);
}

/** "remove her dress", "take off the shirt", "сними с неё платье". */
function removes(words: Words, at: number): boolean {
  const isPull = is(words, at, "pull");
  if (!isPull && !is(words, at, "takeOff", "lift") || is(words, at - 1, "not")) return false;
  const object = objectOf(words, at, ["taken", "worn"], { maxOthers: 2 });
  if (object === undefined) return takenAfterwards(words, at);
  if (is(words, at, "lift") && is(words, object, "skirted")) return isWornOff(words, at, object);
  if (!is(words, at, "pull", "takeOff")) return false;
  const isOff = is(words, at + 1, "away", "of") || is(words, object + 1, "away");
  if (isPull && !isOff) return false;
  return isWornOff(words, at, object);
}

/** "take everything off", "сними с неё всё": to the end of the clause nothing is said but of whom. */
function removesAll(words: Words, at: number): boolean {
  if (!is(words, at, "pull", "takeOff") || is(words, at - 1, "not")) return false;
  let [all, off] = [false, false];
  for (let i = at + 1; i <= at + 5 && i < words.length && !is(words, i, "stop"); i++) {
    off ||= is(words, i, "off") || is(words, i, "person") && is(words, i - 1, "prep");
    all ||= is(words, i, "everything") || is(words, i, "all") && is(words, i + 1, "off");
    if (!is(words, i, "person", "filler", "prep", "off", "everything")) return false;
  }
  return all && off;
}

/** "платье сними": the object stands before the verb, and nothing that the verb could be about after it. */
function takenAfterwards(words: Words, at: number): boolean {
  if (is(words, at, "pull", "lift") || !goesOn(words, at)) return false;
  let object = at - 1;
  while (object > 0 && at - object <= 4 && !is(words, object, "taken")) {
    if (!is(words, object, "person", "filler", "prep") || !goesOn(words, object)) return false;
    object--;
  }
  if (!is(words, object, "taken") || is(words, object - 1, "prep")) return false;
  const next = at + 1;
  return !goesOn(words, next) || is(words, next, "person", "filler", "prep", "stop");
}

/** The clothes found are a person's own, not on a hanger, and nothing of theirs is meant instead ("shirt collar"). */
function isWornOff(words: Words, at: number, object: number): boolean {
  const next = goesOn(words, object + 1) ? object + 1 : words.length;
  if (is(words, next, "thing") || is(words, object - 1, "outer")) return false;
  let end = object + 1;
  while (end < object + 4 && goesOn(words, end)) end++;
  const named = words.slice(at, end).some((word) => word.classes.has("person"));
  if (is(words, object, "worn") && !is(words, object, "taken", "garment") && !named) return false;
  const isPlaced = is(words, next, "prep") &&
    [next + 1, next + 2, next + 3].some((i) => is(words, i, "place"));
  return named || !isPlaced;
}

/** "strip her", "strip off the girl"; not "strip the paint". */
function strips(words: Words, at: number): boolean {
  if (!is(words, at, "strip")) return false;
  let next = at + 1;
  while (is(words, next, "filler")) next++;
  return is(words, next, "person");
}

/** "her clothes disappear", "shirt off", "чтобы одежда исчезла". */
function isGone(words: Words, at: number): boolean {
  if (!is(words, at, "garment") || is(words, at - 1, "prep", "outer")) return false;
  for (let i = at + 1; i <= at + 4 && i < words.length; i++) {
    if (is(words, i, "off")) {
      return words[i + 1] === undefined ||
        is(words, i + 1, "filler", "stop") && !is(words, i + 2, "thing", "place");
    }
    if (is(words, i, "not")) return false;
    if (is(words, i, "gone")) return !is(words, i + 1, "thing");
    if (!is(words, i, "person", "prep", "filler") && !is(words, i, "stop")) return false;
  }
  return false;
}

function isSheer(words: Words, at: number): boolean {
  const isSeeThrough = is(words, at, "through") && is(words, at - 1, "see");
  return (isSeeThrough || is(words, at, "sheer")) && isNear(words, at, "garment");
}

/** "with nothing on", "без всего"; not "nothing on the table". */
function isInNothing(words: Words, at: number): boolean {
  if (is(words, at, "bareOf")) return is(words, at - 1, "without") && at + 1 === words.length;
  return is(words, at, "nothing") && is(words, at + 1, "on") && at + 2 === words.length;
}

/** "what is under her dress". */
function isLookBeneath(words: Words, at: number): boolean {
  if (!is(words, at, "beneath")) return false;
  const object = objectOf(words, at, ["garment"], { maxOthers: 1 });
  return object !== undefined &&
    around(words, at, 3, 0).some((i) => is(words, i, "look")) &&
    !around(words, at, 2, 0).some((i) => is(words, i, "thing"));
}

/** "put her in a bikini", "replace the dress with skin", "in her underwear"; not "the woman in the bikini". */
function isPutInto(words: Words, at: number): boolean {
  if (is(words, at, "dress")) {
    const object = objectOf(words, at, ["swim", "under"], {
      maxOthers: 2,
      through: "into",
    });
    if (
      object !== undefined && !is(words, object - 1, "definite") && !is(words, object + 1, "thing")
    ) {
      return true;
    }
  }
  if (!is(words, at, "swim", "under", "skin")) return false;
  let into = at - 1;
  while (into > at - 4 && into > 0 && !is(words, into, "into")) {
    if (is(words, into, "definite", "stop", "thing", "outer")) return false;
    into--;
  }
  if (!is(words, into, "into")) return false;
  if (is(words, at, "under")) return !is(words, at + 1, "scene", "thing");
  let isDressed = !is(words, at, "skin");
  for (let i = into - 1; i >= into - 5 && i >= 0; i--) {
    if (is(words, i, "thing")) return false;
    isDressed ||= is(words, i, "garment");
    if (isDressed && is(words, i, "change")) return true;
  }
  return false;
}

/** "bigger breasts", "покажи грудь"; not "a badge on the breast". */
function isEnlarged(words: Words, at: number): boolean {
  return is(words, at, "breast") && !is(words, at - 1, "animal", "prep") &&
    !is(words, at + 1, "thing") &&
    isNear(words, at, "enlarge");
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
