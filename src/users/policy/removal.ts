/**
 * Clothes that come off: by a verb ("remove her dress", "сними всё, что на ней", "get her out of it") or of themselves ("her dress
 * falls off"). Owns these rules; what excuses them is everyday.ts's.
 */
import { around, goesOn, is, objectOf, type Words } from "./reach.ts";

/** "remove her dress", "take off the shirt", "сними с неё платье". */
export function removes(words: Words, at: number): boolean {
  const isPull = is(words, at, "pull");
  if (is(words, at, "removal")) {
    const object = objectOf(words, at, ["garment"], { maxOthers: 1 });
    return object !== undefined && isWornOff(words, at, object);
  }
  if (!isPull && !is(words, at, "takeOff", "lift") || is(words, at - 1, "not")) return false;
  const object = objectOf(words, at, ["taken", "worn"], { maxOthers: 2 });
  if (object === undefined) return takenAfterwards(words, at);
  if (isOfNextClause(words, at, object)) return false;
  if (is(words, at, "lift") && is(words, at + 1, "shown")) return false;
  // "Hide the bra": it is not to be seen.
  if (is(words, at, "hideOnly") && is(words, object, "under")) return false;
  if (is(words, at, "lift") && is(words, object, "skirted")) return isWornOff(words, at, object);
  if (!is(words, at, "pull", "takeOff")) return false;
  if (isPull && !is(words, at, "takeOff") && !isPulledOff(words, at, object)) return false;
  return isWornOff(words, at, object);
}

/** "ремень убери, ПЛАТЬЕ оставь": the next verb is what is said of it. */
function isOfNextClause(words: Words, verb: number, object: number): boolean {
  if (!words.slice(verb + 1, object + 1).some(({ begins }) => begins !== undefined)) return false;
  let end = object;
  while (goesOn(words, end + 1)) end++;
  return end > object && is(words, end, "keep", "change", "clothe") && !is(words, end, "garment");
}

/** "платье сними": the object stands before the verb, and nothing that the verb could be about after it. */
function takenAfterwards(words: Words, at: number): boolean {
  if (!is(words, at, "takeOff") || is(words, at, "pull") || !goesOn(words, at)) return false;
  let object = at - 1;
  while (object > 0 && at - object <= 4 && !is(words, object, "taken")) {
    if (!is(words, object, "person", "filler", "prep") || !goesOn(words, object)) return false;
    object--;
  }
  if (!is(words, object, "taken") || is(words, object - 1, "prep")) return false;
  const next = at + 1;
  return !goesOn(words, next) || is(words, next, "person", "filler", "prep", "stop");
}

/** "take off the dress", "pull her top down", "clear the clothes from her body". */
function isPulledOff(words: Words, at: number, object: number): boolean {
  if (is(words, at + 1, "away", "of")) return true;
  for (let i = object + 1; i <= object + 4 && goesOn(words, i); i++) {
    if (is(words, i, "away")) return true;
    if (is(words, i, "from") && [i + 1, i + 2].some((n) => is(words, n, "person"))) return true;
    if (!is(words, i, "person", "filler", "prep", "into", "for")) return false;
  }
  return false;
}

/** The clothes found are a person's own, not on a hanger, and nothing of theirs is meant instead ("shirt collar"). */
export function isWornOff(words: Words, at: number, found: number): boolean {
  let object = found;
  while (goesOn(words, object + 1) && is(words, object + 1, "garment")) object++;
  const next = goesOn(words, object + 1) ? object + 1 : words.length;
  if (is(words, next, "thing", "sign") || is(words, object - 1, "outer")) return false;
  if (goesOn(words, next + 1) && is(words, next + 1, "sign") && !is(words, next, "prep")) {
    return false;
  }
  const isCompound = words[next] !== undefined && goesOn(words, next + 1) &&
    !is(words, next, "person", "prep", "stop", "filler", "garment", "off", "away", "and");
  if (isCompound && is(words, next + 1, "thing")) return false;
  let end = object + 1;
  while (end < object + 4 && goesOn(words, end)) end++;
  const named = words.slice(at, end).some((word) => word.classes.has("person"));
  const isOnlyWorn = is(words, object, "worn") && !is(words, object, "taken", "garment");
  if (isOnlyWorn && !named && !is(words, next, "garment")) return false;
  const isPlaced = is(words, next, "prep") &&
    [next + 1, next + 2, next + 3].some((i) => is(words, i, "place"));
  return named || !isPlaced;
}

/** "take everything off", "сними с неё всё": to the end of the clause nothing is said but of whom. */
export function removesAll(words: Words, at: number): boolean {
  if (!is(words, at, "pull", "takeOff") || is(words, at - 1, "not")) return false;
  let [all, off] = [false, false];
  if (is(words, at, "undressVerb") && is(words, at + 1, "everything") && at + 2 === words.length) {
    return true;
  }
  for (let i = at + 1; i <= at + 5 && i < words.length; i++) {
    if (
      all && is(words, i, "except") && is(words, i + 1, "person") && is(words, i + 2, "accessory")
    ) return true;
    if (is(words, i, "except", "stop")) break;
    off ||= is(words, i, "off") ||
      is(words, i, "person") && is(words, i - 1, "prep", "filler") && isFrom(words, i);
    all ||= is(words, i, "everything") || is(words, i, "all") && is(words, i + 1, "off");
    if (!is(words, i, "person", "filler", "prep", "off", "everything")) return false;
  }
  return all && off;
}

/** "remove her jacket, shirt and bra": the first of what goes may be an accessory, the list ends in clothes. */
export function removesList(words: Words, at: number): boolean {
  const isTaking = is(words, at, "takeOff") || is(words, at, "pull") && is(words, at + 1, "away");
  if (!isTaking || is(words, at - 1, "not")) return false;
  let [items, joined] = [0, false];
  for (let i = at + 1; i <= at + 10 && i < words.length; i++) {
    const begins = !goesOn(words, i) || is(words, i - 1, "and");
    if (begins && i > at + 1) joined = true;
    if (is(words, i, "cover", "garment", "worn", "accessory")) {
      items++;
      const isEnd = words[i + 1] === undefined || !goesOn(words, i + 1) || is(words, i + 1, "and");
      if (joined && isEnd && (items > 1 || i === at + 2) && is(words, i, "taken", "topWord")) {
        return true;
      }
    } else if (!is(words, i, "filler", "person", "prep", "and", "off")) return false;
    if (is(words, i, "beyond", "except", "place")) return false;
  }
  return false;
}

/** The person is whom a preposition brings in. */
function isFrom(words: Words, person: number): boolean {
  let at = person - 1;
  while (is(words, at, "filler") && !is(words, at, "prep")) at--;
  return is(words, at, "prep") && !is(words, at, "beyond", "except");
}

/** "remove what she is wearing", "сними всё, что на ней". */
export function removesWhatIsWorn(words: Words, at: number): boolean {
  const isSwap = is(words, at, "swap") &&
    around(words, at, 0, 9).some((i) => is(words, i, "swim", "under", "skin", "scant"));
  if (!isSwap && !is(words, at, "takeOff", "pull") || is(words, at - 1, "not")) return false;
  let what = at + 1;
  while (
    what < at + 4 && is(words, what, "filler", "off", "of", "prep", "person") &&
    !is(words, what, "whatever")
  ) what++;
  if (!is(words, what, "whatever")) return false;
  let person = false;
  for (let i = what + 1; i <= what + 7 && i < words.length; i++) {
    if (
      is(words, i, "except", "beyond", "thing", "not", "place") ||
      is(words, i, "garment") && !is(words, i, "wears")
    ) return false;
    if (is(words, i, "person")) {
      person = true;
      const next = words[i + 1] === undefined || is(words, i + 1, "wears", "stop");
      if (is(words, i - 1, "onRu") && next) return true;
    } else if (is(words, i, "wornState")) {
      return !is(words, i + 2, "creature");
    } else if (is(words, i, "wears")) {
      if (isOnPartOfBody(words, i)) return false;
      if (person || [i + 1, i + 2].some((n) => is(words, n, "person"))) return true;
    } else if (is(words, i, "owns") && person) {
      return is(words, i + 1, "on") || words[i + 1] === undefined ||
        is(words, i + 1, "owns") && is(words, i + 2, "on");
    }
  }
  return false;
}

/** "what he wears ON HIS HEAD". */
function isOnPartOfBody(words: Words, wears: number): boolean {
  return is(words, wears + 1, "onRu", "prep") &&
    [wears + 2, wears + 3].some((i) => is(words, i, "shown"));
}

/** "everything she wears should vanish", "сделай прозрачным то, что на ней", "replace what she wears with a bikini". */
export function losesWhatIsWorn(words: Words, at: number): boolean {
  if (!is(words, at, "whatever") || is(words, at - 1, "prep")) return false;
  const falls = [at + 1, at + 2, at + 3].find((i) => is(words, i, "gone", "fallen"));
  if (is(words, at, "everything") && falls !== undefined) {
    const person = around(words, at, 3, 6).find((i) => is(words, i, "person"));
    if (person !== undefined && is(words, person - 1, "from")) return true;
  }
  const end = endOfWorn(words, at);
  if (end === undefined) return false;
  for (let i = end + 1; i <= end + 5 && i < words.length; i++) {
    if (
      is(words, i, "gone", "fallen", "sheer") || is(words, i, "through") && is(words, i - 1, "see")
    ) {
      return !is(words, i - 1, "not", "lessWord");
    }
    if (is(words, i, "into") && [i + 1, i + 2].some((n) => is(words, n, "swim", "under", "skin"))) {
      return true;
    }
  }
  return [at - 1, at - 2, at - 3].some((i) => is(words, i, "gone", "fallen", "sheer"));
}

/** Where "(everything) she is wearing" ends, begun at `at`; undefined where nothing of that kind stands there. */
function endOfWorn(words: Words, at: number): number | undefined {
  let person = false;
  for (let i = at + 1; i <= at + 6 && i < words.length; i++) {
    if (is(words, i, "thing", "place", "beyond", "not")) return undefined;
    if (is(words, i, "wears", "wornState")) {
      return person || is(words, i, "wornState") ? i : undefined;
    }
    if (is(words, i, "owns") && person && is(words, i + 1, "on")) return i + 1;
    if (!is(words, i, "person")) continue;
    person = true;
    const isOn = is(words, i - 1, "onRu") && !is(words, i - 1, "on");
    if (isOn && !is(words, i + 1, "wears", "wornState")) return i;
  }
  return undefined;
}

/** "get her out of her dress". */
export function getsOutOf(words: Words, at: number): boolean {
  if (!is(words, at, "getOut")) return false;
  for (let i = at + 1; i <= at + 5 && goesOn(words, i); i++) {
    if (is(words, i, "outOf") && (i > at + 1 || is(words, i + 1, "of"))) {
      const object = objectOf(words, i, ["garment", "worn"], { maxOthers: 0 });
      return object !== undefined && !is(words, object + 1, "thing", "place");
    }
    if (!is(words, i, "person", "filler")) return false;
  }
  return false;
}

/** "free her of her clothes", "освободи её от одежды". */
export function deprives(words: Words, at: number): boolean {
  if (!is(words, at, "deprive")) return false;
  let person = false;
  for (let i = at + 1; i <= at + 6 && goesOn(words, i); i++) {
    if (is(words, i, "garment")) {
      return !is(words, i + 1, "thing") && (person || is(words, i - 1, "from", "filler"));
    }
    person ||= is(words, i, "person");
    if (!is(words, i, "person", "filler", "of", "prep", "trait", "gone")) return false;
  }
  return false;
}

/** "remove the fabric covering her chest", "убери руки, закрывающие грудь", "remove the layer of clothing". */
export function uncovers(words: Words, at: number): boolean {
  if (!is(words, at, "cutOut", "takeOff", "pull") || is(words, at - 1, "not")) return false;
  const cover = [at + 1, at + 2, at + 3, at + 4].find((i) =>
    is(words, i, "scant", "worn", "fabric", "censor")
  );
  if (cover === undefined) return false;
  const isMeant = (i: number) => is(words, i, "breast", "bareChest", "person");
  if (is(words, cover, "fabric")) {
    if (
      is(words, cover + 1, "garment") ||
      is(words, cover + 1, "of") && is(words, cover + 2, "garment")
    ) return true;
    if (is(words, at + 1, "from") && is(words, at + 2, "person")) return true;
    if (is(words, cover + 1, "from", "prep") && [cover + 2, cover + 3].some(isMeant)) return true;
  }
  const by = [cover + 1, cover + 2, cover + 3].find((i) => is(words, i, "covering"));
  return by !== undefined && [by + 1, by + 2, by + 3, by - 1].some(isMeant);
}

/** "strip her", "strip off the girl", "let her strip"; not "strip the paint". */
export function strips(words: Words, at: number): boolean {
  if (!is(words, at, "strip")) return false;
  let next = at + 1;
  while (is(words, next, "filler", "away")) next++;
  if (is(words, next, "person")) return true;
  if (at === 0) return next > at + 1 && next === words.length;
  if (next < words.length && !is(words, next, "into")) return false;
  let before = at - 1;
  while (is(words, before, "filler", "stop")) before--;
  return is(words, before, "person");
}

/** "her clothes disappear", "shirt off", "чтобы одежда исчезла", "пусть с неё спадёт платье". */
export function isGone(words: Words, at: number): boolean {
  if (is(words, at, "fallen")) {
    for (let i = at + 1; i <= at + 3 && goesOn(words, i); i++) {
      const isWorn = is(words, i, "garment") ||
        is(words, i, "worn") && around(words, i, 4, 2).some((p) => is(words, p, "person"));
      if (isWorn) return !is(words, i + 1, "thing") && !is(words, i - 1, "prep");
      if (is(words, i, "prep") && !is(words, i, "from")) return false;
      if (!is(words, i, "person", "prep", "filler")) return false;
    }
    return false;
  }
  const isCovering = is(words, at, "worn") &&
    around(words, at, 3, 4).some((i) => is(words, i, "person", "let"));
  if (!is(words, at, "garment") && !isCovering || is(words, at - 1, "prep", "outer")) return false;
  if (isPartOf(words, at)) return false;
  for (let i = at + 1; i <= at + 4 && i < words.length; i++) {
    if (is(words, i, "off") || is(words, i, "away") && is(words, i - 1, "aux")) {
      return words[i + 1] === undefined ||
        is(words, i + 1, "filler", "stop", "person") && !is(words, i + 2, "thing", "place");
    }
    if (is(words, i, "not")) return is(words, i + 1, "isThere") && !is(words, i + 1, "wears");
    if (is(words, i, "nothing") && i + 1 === words.length) return true;
    if (is(words, i, "gone", "fallen")) return !isDraped(words, at, i);
    if (!is(words, i, "person", "prep", "filler", "stop", "aux")) return false;
  }
  return false;
}

/** "the HEM of her dress fades", "ПОДОЛ её платья": a part of the clothes is what goes. */
export function isPartOf(words: Words, garment: number): boolean {
  if (!is(words, garment, "garment")) return false;
  let part = garment - 1;
  while (is(words, part, "person", "filler", "of")) part--;
  return part < garment - 1 && is(words, part, "thing");
}

/** "a long dress falling to the floor", "падает мягкими складками": how it hangs. */
function isDraped(words: Words, at: number, verb: number): boolean {
  if (is(words, verb + 1, "smoothly")) return true;
  return is(words, at - 1, "longWord") || [1, 2, 3].some((n) => is(words, verb + n, "knees")) ||
    [1, 2, 3].some((n) => is(words, verb + n, "thing"));
}
