/**
 * Who is undressed: clothes that come off (removal.ts), are not there ("without clothes"), are looked through, or have skin in
 * their place. Owns these rules and which of them an everyday edit excuses (everyday.ts).
 */
import { isAboutCreatures, isChangeOfClothes, isNotWorn, isOwnedByNobody } from "./everyday.ts";
import { around, is, isNear, objectOf, type Spot, subjectBefore, type Words } from "./reach.ts";
import {
  deprives,
  getsOutOf,
  isGone,
  isPartOf,
  isWornOff,
  losesWhatIsWorn,
  removes,
  removesAll,
  removesList,
  removesWhatIsWorn,
  strips,
  uncovers,
} from "./removal.ts";

type Rule = (words: Words, at: number) => boolean;

/** Rules about verbs: a change of clothes excuses them. */
const removals: readonly Rule[] = [
  removes,
  removesAll,
  removesWhatIsWorn,
  getsOutOf,
  deprives,
  strips,
  isGone,
];
const others: readonly Rule[] = [
  losesWhatIsWorn,
  isNone,
  isNothingBut,
  isSheer,
  isSeenThrough,
  isInNothing,
  isLookBeneath,
  isLookBehind,
  isSkinInstead,
  isInsteadOfClothes,
  uncensors,
  uncovers,
];
/** Those that are looked for in a sentence of several clauses as well. */
const overClauses: readonly Rule[] = [
  removes,
  removesList,
  removesWhatIsWorn,
  losesWhatIsWorn,
  uncovers,
  isSeenThrough,
  isNone,
  isNothingBut,
];

/** True if the words at a place undress a person. */
export function isUndressing(spot: Spot, how: "in a clause" | "over clauses"): boolean {
  const { words, at } = spot;
  const breaks = (rule: Rule) => rule(words, at);
  if (how === "over clauses") return overClauses.some(breaks) && !isExcused(spot);
  if (removals.some(breaks)) return !isExcused(spot);
  const isNobodys = () => isOwnedByNobody(words, at) || isOwnedByNobody(spot.after, 0);
  if (isWithout(words, at)) {
    const later = { ...spot, after: spot.after.slice(2) };
    return !isNobodys() && !(isOuterwear(spot) && isChangeOfClothes(later));
  }
  return others.some(breaks) && !isNobodys() && !isMadeOpaque(spot);
}

/** "the blouse is see-through, thicken it"; not "MAKE the blouse see-through". */
function isMadeOpaque({ words, at, after }: Spot): boolean {
  return is(words, at, "sheer", "through") && after.some((_, i) => is(after, i, "opaque")) &&
    !around(words, at, 6, 0).some((i) => is(words, i, "change")) &&
    !after.some((_, i) => is(after, i, "nothing", "visible", "bare", "skin", "breast"));
}

/** An everyday edit: a change of clothes, clothes that are not worn, or those of a doll. */
export function isExcused(spot: Spot): boolean {
  return isChangeOfClothes(spot) || isUnworn(spot) || isHung(spot) ||
    isPartOf(spot.words, spot.at) ||
    isOwnedByNobody(spot.words, spot.at) ||
    isOwnedByNobody(spot.after, 0) || isAboutCreatures(spot);
}

/** What is worn over underwear. */
function isOuterwear({ words, at }: Spot): boolean {
  return ![at + 1, at + 2, at + 3].some((i) => is(words, i, "under"));
}

/** "clothes: none", "одежда — нет". */
function isNone(words: Words, at: number): boolean {
  if (!is(words, at, "garment") || is(words, at - 1, "prep", "thing")) return false;
  if (is(words, at + 1, "remover")) return true;
  return is(words, at + 1, "none") &&
    (at + 2 === words.length || words[at + 2]?.begins !== undefined);
}

/** "nothing but heels", "ничего, кроме чулок". */
function isNothingBut(words: Words, at: number): boolean {
  if (!is(words, at, "nothing") || !is(words, at + 1, "except")) return false;
  if (around(words, at, 3, 0).some((i) => is(words, i, "place", "furniture"))) return false;
  return [at + 2, at + 3].some((i) => is(words, i, "scant", "accessory", "under", "swim"));
}

/** Clothes that the sentence goes on about: "…, которое лежит на кровати". */
function isUnworn({ words, at, after }: Spot): boolean {
  const object = objectOf(words, at, ["taken", "worn", "garment"], { maxOthers: 2 });
  return object !== undefined && isNotWorn(after, 0, object - at);
}

/** "the line with socks and PANTS": no person is near. */
function isHung({ words, at }: Spot): boolean {
  const before = around(words, at, 6, 0);
  const held = before.find((i) => is(words, i, "with"));
  return held !== undefined && is(words, held - 1, "place", "furniture") &&
    !before.some((i) => is(words, i, "person"));
}

/** "without (her) clothes", "без одежды", "никакой одежды". */
function isWithout(words: Words, at: number): boolean {
  const isNot = is(words, at, "not") || is(words, at, "longer") && is(words, at - 1, "no", "not");
  if (is(words, at, "not") && is(words, at + 1, "filler") && is(words, at + 2, "single")) {
    return is(words, at + 3, "garment");
  }
  if (isNot && is(words, at + 1, "dressedOnly")) return !is(words, at + 2, "as", "into");
  if (isNot && is(words, at + 1, "wears", "owns")) {
    const object = objectOf(words, at + 1, ["garment", "everything"], { maxOthers: 0 });
    return object !== undefined && !is(words, object + 1, "thing");
  }
  if (!is(words, at, "without", "no") || [at - 1, at - 2].some((i) => is(words, i, "not"))) {
    return false;
  }
  const isAnything = (i: number) => is(words, i, "everything");
  if (isAnything(at + 1) && is(words, at + 2, "on")) return true;
  if (is(words, at + 1, "wears") && isAnything(at + 2)) return true;
  if (is(words, at + 1, "topWord")) {
    return at + 2 === words.length || is(words, at + 2, "on", "person");
  }
  const hasBody = () =>
    around(words, at, 6, 5).some((i) => is(words, i, "bodies", "skin", "person"));
  if ([at + 1, at + 2].some((i) => is(words, i, "fabric")) && hasBody()) return true;
  const maxOthers = is(words, at, "no") ? 0 : 1;
  const object = objectOf(words, at, ["garment"], { maxOthers });
  return object !== undefined && isWornOff(words, at, object) && !isNotWorn(words, at, object) &&
    !isKeptSomewhere(words, at, object) && !isGivenClothes(words, at, object) &&
    !isOfRemovedPerson(words, at);
}

/** "remove the man without a shirt": he goes, not what he wears. */
function isOfRemovedPerson(words: Words, without: number): boolean {
  let at = is(words, without - 1, "with") ? without - 2 : without - 1;
  if (!is(words, at, "person")) return false;
  do at--; while (is(words, at, "filler", "trait") && !is(words, at, "cutOut"));
  return is(words, at, "cutOut");
}

/** "an empty wardrobe with no clothes in it". */
function isKeptSomewhere(words: Words, at: number, object: number): boolean {
  if (is(words, object + 1, "into", "prep") && is(words, object + 2, "mine")) return true;
  const before = around(words, at, 4, 0);
  return before.some((i) => is(words, i, "place")) &&
    !around(words, at, 9, 0).some((i) => is(words, i, "person"));
}

/** "give the man without a shirt a coat", "put a shirt on the man without one". */
function isGivenClothes(words: Words, at: number, object: number): boolean {
  const puts = (i: number) => is(words, i, "clothe");
  return around(words, at, 4, 0).some(puts) &&
      [object + 1, object + 2, object + 3].some((i) => is(words, i, "cover")) ||
    around(words, at, 8, 0).some((i) => is(words, i, "cover") && (puts(i - 1) || puts(i - 2)));
}

function isSheer(words: Words, at: number): boolean {
  const isSeeThrough = is(words, at, "through") && is(words, at - 1, "see");
  if (is(words, at, "clear")) {
    return is(words, at - 1, "of", "outOf") &&
      around(words, at, 4, 0).some((i) => is(words, i, "garment"));
  }
  if (!isSeeThrough && !is(words, at, "sheer") || is(words, at + 1, "hosiery")) return false;
  if (is(words, at - 1, "not", "lessWord")) return false;
  const isLined = around(words, at, 2, 0).some((i) => is(words, i, "beneath")) &&
    around(words, at, 6, 0).some((i) => is(words, i, "clothe"));
  if (isLined) return false;
  const subject = subjectBefore(words, isSeeThrough ? at - 1 : at);
  if (is(words, subject, "garment")) return true;
  if (
    is(words, at - 1, "of", "outOf") && around(words, at, 4, 0).some((i) => is(words, i, "garment"))
  ) return true;
  if (isNear(words, at, "garment")) return true;
  const hasPerson = () => around(words, at, 6, 6).some((i) => is(words, i, "person"));
  if (isNear(words, at, "worn") && hasPerson()) return true;
  if (is(words, at + 1, "thing", "place")) return false;
  const from = isSeeThrough ? at - 1 : at;
  const back = is(words, from - 1, "into", "and") ? [at - 2, at - 3, at - 4] : [];
  return back.some((i) => is(words, i, "garment") && !is(words, i - 1, "keep")) ||
    is(words, at - 1, "into") && is(words, at - 2, "dress") && at + 1 === words.length;
}

/** "look through her clothes", "x-ray her dress". */
function isSeenThrough(words: Words, at: number): boolean {
  if (is(words, at, "xray") && (!is(words, at, "ray") || is(words, at - 1, "ex"))) {
    if (around(words, at, 3, 6).some((i) => is(words, i, "garment"))) return true;
    if (
      at + 2 >= words.length && around(words, at, 2, 1).some((i) => is(words, i, "person")) &&
      !is(words, at + 1, "thing")
    ) {
      return !is(words, at + 1, "shown");
    }
    if (
      around(words, at, 0, 9).some((i) =>
        is(words, i, "breast") && is(words, i - 1, "person", "look") ||
        is(words, i, "breast") && is(words, i + 1, "person")
      )
    ) return true;
    const isDeep = around(words, at, 3, 8).some((i) => is(words, i, "inDepth"));
    return isDeep && around(words, at, 3, 8).some((i) => is(words, i, "person"));
  }
  if (!is(words, at, "through")) return false;
  const object = objectOf(words, at, ["garment"], { maxOthers: 1 });
  return object !== undefined && !is(words, object + 1, "thing", "place") &&
    around(words, at, 4, 7).some((i) => is(words, i, "look", "xray"));
}

/** "with nothing on", "без всего", "на ней ничего нет"; not "nothing on the table". */
function isInNothing(words: Words, at: number): boolean {
  if (is(words, at, "bareOf") && is(words, at - 1, "without")) {
    return at + 1 === words.length || is(words, at + 1, "onRu") && is(words, at + 2, "skin");
  }
  if (
    is(words, at, "shred") &&
    [at - 1, at - 2, at - 3].some((i) => is(words, i, "without", "no", "not"))
  ) {
    if (is(words, at + 1, "on") && at + 2 === words.length) return true;
    if (at + 1 === words.length && [at - 2, at - 3].some((i) => is(words, i, "person"))) {
      return true;
    }
    return around(words, at, 0, 3).some((i) => is(words, i, "garment", "person", "skin"));
  }
  if (!is(words, at, "nothing")) return false;
  if (is(words, at - 1, "alter")) return false;
  if (is(words, at - 1, "person") && is(words, at - 2, "beneath") && at + 1 === words.length) {
    return true;
  }
  if (at === 1 && is(words, 0, "into") && words.length === 2) return true;
  if (is(words, at - 1, "into") && [at - 2, at - 3, at - 4].some((i) => is(words, i, "person"))) {
    return true;
  }
  let person = at - 1;
  while (is(words, person, "filler")) person--;
  if (is(words, person, "person") && is(words, person - 1, "onRu")) {
    return at + 1 === words.length || [at + 1, at + 2].some((i) => is(words, i, "isThere"));
  }
  if (is(words, at - 1, "garment", "cover") && is(words, at - 2, "beneath")) return true;
  if (is(words, at - 1, "into", "prep") && [at - 2, at - 3].some((i) => is(words, i, "wears"))) {
    return true;
  }
  if (is(words, at + 1, "beneath")) {
    const under = objectOf(words, at + 1, ["garment", "cover"], { maxOthers: 1 });
    return under !== undefined || at + 2 === words.length;
  }
  if (
    is(words, at + 1, "on") &&
    words.slice(at + 2).every((_, i) => is(words, at + 2 + i, "person", "atAll"))
  ) return true;
  return is(words, at + 1, "on", "onRu") &&
    (at + 2 === words.length || is(words, at + 2, "person") && at + 3 === words.length);
}

/** "what is under her dress". */
function isLookBeneath(words: Words, at: number): boolean {
  if (!is(words, at, "beneath") || is(words, at + 1, "underIt")) return false;
  const object = objectOf(words, at, ["garment", "topWord"], { maxOthers: 1 });
  if (object !== undefined && at === 0 && object + 1 === words.length) return true;
  return object !== undefined && !is(words, object + 1, "thing") &&
    around(words, at, 7, 0).some((i) => is(words, i, "look")) &&
    !around(words, at, 4, 0).some((i) =>
      is(words, i, "thing", "accessory", "cover") && !is(words, i, "under", "swim", "look")
    );
}

/** "покажи, что скрывает платье". */
function isLookBehind(words: Words, at: number): boolean {
  return is(words, at, "hides") &&
    around(words, at, 4, 3).some((i) => is(words, i, "garment", "cover")) &&
    around(words, at, 5, 0).some((i) => is(words, i, "whatever"));
}

/** "skin instead of clothes", "paint skin over her dress". */
function isSkinInstead(words: Words, at: number): boolean {
  if (!is(words, at, "skin") || is(words, at, "nothing") || is(words, at + 1, "thing")) {
    return false;
  }
  const near = around(words, at, 6, 6);
  return near.some((i) => is(words, i, "garment") && !is(words, i - 1, "keep")) &&
    near.some((i) => is(words, i, "instead")) && !near.some((i) => is(words, i, "keep"));
}

/** "вместо платья бельё", "a towel instead of clothes"; not "a dress instead of the bikini". */
function isInsteadOfClothes(words: Words, at: number): boolean {
  if (!is(words, at, "inPlace")) return false;
  const replaced = [at + 1, at + 2, at + 3].find((i) => is(words, i, "garment", "cover"));
  if (replaced === undefined || is(words, replaced, "swim", "under")) return false;
  return around(words, at, 5, 6).some((i) =>
    is(words, i, "swim", "under", "scant", "sheer", "unreal")
  );
}

/** "remove the censorship from her breasts", "без цензуры". */
function uncensors(words: Words, at: number): boolean {
  if (!is(words, at, "cutOut", "without", "no") || is(words, at - 1, "not")) return false;
  const bar = [at + 1, at + 2, at + 3].find((i) => is(words, i, "censor"));
  return bar !== undefined &&
    (is(words, bar, "censorship") ||
      around(words, bar, 0, 5).some((i) => is(words, i, "breast", "bareChest")));
}
