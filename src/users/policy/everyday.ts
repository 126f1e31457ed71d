/**
 * Everyday edits that are told in the words of undressing: a change of clothes, clothes of an animal or a doll, clothes that are not
 * worn, a naked person who is to be covered. Owns what excuses a sentence; what it is accused of is the rules'.
 *
 * Nothing excuses a sentence that names a minor.
 */
import { around, goesOn, is, type Spot, type Words } from "./reach.ts";

/** How far from a verb the owner of the clothes is looked for. */
const maxDistance = 8;

/** "take off his shirt and put on a suit": something that covers as much is put on after the removal. */
export function isChangeOfClothes({ after }: Spot): boolean {
  if (hasMinor(after)) return false;
  let removed: number | undefined;
  let clothing: number | undefined;
  let [lower, upper, whole] = [false, false, false];
  for (let i = 0; i < after.length; i++) {
    if (clothing === undefined && is(after, i, "garment", "worn")) removed ??= i;
    if (isClothing(after, i)) {
      clothing = i;
      whole ||= is(after, i, "conceal") && is(after, i + 1, "person") &&
        isDressedAs(after, is(after, i + 2, "away") ? i + 3 : i + 2);
    }
    if (isPutInto(after, i)) clothing = i;
    if (clothing === undefined && is(after, i, "cover") && i > 1 && isLayer(after, i)) {
      clothing = i - 1;
    }
    whole ||= isInstead(after, i);
    if (clothing === undefined) continue;
    whole ||= i > clothing && isAnother(after, i);
    if (
      is(
        after,
        i,
        "bare",
        "sexual",
        "sheer",
        "nothing",
        "under",
        "swim",
        "only",
        "revealing",
        "shrink",
      )
    ) {
      return false;
    }
    if (!is(after, i, "cover") || clothing === i || i - clothing > 7 && !is(after, i - 1, "and")) {
      continue;
    }
    if (is(after, i - 1, "without", "no") || isPlaced(after, i)) continue;
    if (is(after, i, "lower")) lower = true;
    else if (is(after, i, "upper")) upper = true;
    else whole = true;
  }
  if (whole || lower && upper) return true;
  const isLower = removed !== undefined && is(after, removed, "lower");
  return isLower ? lower : upper;
}

/** "… and INTO a kit", "I want to BE IN a dress", "leave him IN plain clothes". */
function isPutInto(words: Words, at: number): boolean {
  return is(words, at, "and", "be") && is(words, at + 1, "into") ||
    is(words, at, "keep") && is(words, at + 1, "person") && is(words, at + 2, "into");
}

/** "(off with the kit,) suits and ties INSTEAD". */
function isInstead(words: Words, at: number): boolean {
  if (!is(words, at, "inPlace") || goesOn(words, at + 1)) return false;
  const before = [at - 1, at - 2, at - 3, at - 4];
  return before.some((i) => is(words, i, "cover")) &&
    !before.some((i) => is(words, i, "under", "swim", "sheer", "shrink"));
}

/** "t-shirt underneath", "под ней футболка". */
function isLayer(words: Words, at: number): boolean {
  const starts = (i: number) => words[i]?.begins !== undefined || is(words, i - 1, "and");
  return is(words, at + 1, "beneath") && starts(at) && !goesOn(words, at + 2) ||
    is(words, at - 1, "person") && is(words, at - 2, "beneath") && starts(at - 2);
}

/** "put on a clean ONE", "надень ЧИСТУЮ": the same kind of clothes. */
function isAnother(words: Words, at: number): boolean {
  if (is(words, at, "another")) return true;
  const word = words[at]!;
  const isLast = words[at + 1] === undefined || words[at + 1]?.begins !== undefined;
  return isLast && (word.classes.size === 0 || is(words, at, "trait")) &&
    /[а-я](?:ую|ой|ые|ым|ый)$/.test(word.text);
}

/** "dress him FOR A WEDDING", "одень её МЕДСЕСТРОЙ". */
function isDressedAs(words: Words, at: number): boolean {
  return is(words, at, "as") ||
    words[at] !== undefined && /[ое][йм]$/.test(words[at].text) &&
      !is(words, at, "bare", "sexual", "skin");
}

/** A verb that puts clothes on; "dress" may be the clothes. */
function isClothing(words: Words, at: number): boolean {
  if (!is(words, at, "clothe") || is(words, at + 1, "off")) return false;
  return !is(words, at, "garment") || !is(words, at - 1, "person", "filler", "trait");
}

/** "замени нижнее бельё на платье": clothes take the place of what is named. */
export function isClothed(words: Words, at: number): boolean {
  const isReplaced = around(words, at, 5, 0).some((i) => is(words, i, "swap", "cutOut", "clothe"));
  if (!isReplaced) return false;
  for (let i = at + 1; i <= at + 7 && i < words.length; i++) {
    if (is(words, i, "under", "swim", "skin", "sheer")) return false;
    if (is(words, i, "cover") && around(words, i, 4, 0).some((b) => is(words, b, "into", "for"))) {
      return true;
    }
  }
  return false;
}

/** "the dog's sweater", "the doll without clothes": the clothes are an animal's or a thing's, and no person is mentioned. */
export function isOwnedByNobody(words: Words, at: number): boolean {
  if (isDirectObject(words, at)) return true;
  let owner: number | undefined;
  for (const step of [1, -1]) {
    for (
      let i = at + step;
      Math.abs(i - at) <= maxDistance && i >= 0 && i < words.length;
      i += step
    ) {
      if (is(words, i, "creature") && !is(words, i - 1, "beyond", "into")) owner ??= i;
      if (is(words, i, "and", "beyond")) break;
    }
  }
  if (owner === undefined) return false;
  return !around(words, at, maxDistance, maxDistance)
    .some((i) =>
      is(words, i, "person") && !is(words, i, "mine", "creature") || is(words, i, "minor")
    );
}

/** "the parrot looks silly in a shirt, take the shirt away": an animal or a figure is named before, and no person in the sentence. */
export function isAboutCreatures({ words, at, sentence }: Spot): boolean {
  if (sentence.some((_, i) => is(sentence, i, "minor") || isPerson(sentence, i))) return false;
  return sentence.slice(0, sentence.indexOf(words[at]!)).some((_, i) =>
    is(sentence, i, "creature") && !is(sentence, i, "place", "furniture", "bareThing") &&
    !is(sentence, i - 1, "beyond", "into", "with", "and")
  );
}

function isPerson(words: Words, at: number): boolean {
  return is(words, at, "person") && !is(words, at, "mine", "creature");
}

/** "undress the doll (and put her in the box)": the verb's object is no person, whatever it is called afterwards. */
function isDirectObject(words: Words, at: number): boolean {
  let object = at + 1;
  while (object <= at + 2 && is(words, object, "filler") && !is(words, object, "creature")) {
    object++;
  }
  const isNobody = is(words, object, "creature") && !is(words, object, "person", "minor") &&
    !is(words, object, "place", "furniture");
  return isNobody && !is(words, object + 1, "person", "minor", "garment") &&
    is(words, at, "undressSelf");
}

/** "the shirts on the rack", "платье, которое лежит на кровати": `words` go on after the clothes found at `object`. */
export function isNotWorn(words: Words, verb: number, named: number): boolean {
  let object = named;
  while (goesOn(words, object + 1) && is(words, object + 1, "garment")) object++;
  const isOwned = words.slice(verb + 1, object).some((_, i) => is(words, verb + 1 + i, "person"));
  if (is(words, object + 1, "from", "off", "away")) {
    if (
      is(words, object + 1, "away") && is(words, object + 2, "from") && isOfPlace(words, object + 2)
    ) return true;
    const from = [object + 2, object + 3, object + 4, object + 5, object + 6];
    if (from.some((i) => is(words, i, "furniture")) && !from.some((i) => is(words, i, "person"))) {
      return true;
    }
  }
  if (isOwned) return false;
  if (is(words, object - 1, "lies") || is(words, object - 2, "lies")) return true;
  if (isPlaced(words, object)) return true;
  for (let i = object + 1; i <= object + 5 && i < words.length; i++) {
    if (is(words, i, "lies")) {
      return is(words, i + 1, "beyond") || ![i + 1, i + 2].some((n) => is(words, n, "person"));
    }
    if (is(words, i, "beyond")) return true;
    if (is(words, i, "person", "wears")) return false;
  }
  return false;
}

/** "from the window display". */
function isOfPlace(words: Words, from: number): boolean {
  return [from + 1, from + 2, from + 3].some((i) => is(words, i, "place")) &&
    ![from + 1, from + 2].some((i) => is(words, i, "person"));
}

/** "the coat on the chair". */
function isPlaced(words: Words, at: number): boolean {
  if (is(words, at + 1, "outOf")) at++;
  if (!is(words, at + 1, "prep", "off")) return false;
  if (is(words, at + 1, "beyond")) return true;
  return [at + 2, at + 3, at + 4].some((i) =>
    is(words, i, "place") && !words.slice(at + 1, i).some((_, n) => is(words, at + 1 + n, "person"))
  );
}

/** What may be bare: bare shoulders, a naked doll, a naked man who is to be covered or taken out. */
export function isAcceptedBareness(spot: Spot): boolean {
  const { words, at, after } = spot;
  if (hasMinor(after) || around(words, at, maxDistance, 0).some((i) => is(words, i, "minor"))) {
    return false;
  }
  if (isNegated(words, at) || is(words, at - 1, "without", "no")) return true;
  if (isBareThing(words, at)) return true;
  if (is(words, at, "undressSelf")) {
    return isOwnedByNobody(words, at) || isChangeOfClothes(spot);
  }
  const isTold = is(words, at - 1, "be") && is(words, at - 2, "person");
  if (isTold && isChangeOfClothes(spot)) return true;
  return isShown(words, at) || isCovered(words, at) || isWritten(words, at) ||
    is(words, at - 1, "not") && after.some((_, i) => is(after, i, "decent", "keep"));
}

/** "do not undress", "no nudity", "не делай её голой"; not "not naked". */
export function isNegated(words: Words, at: number): boolean {
  if (is(words, at + 1, "be") && is(words, at + 2, "not") && !is(words, at, "bare")) return true;
  const isNotLooked = is(words, at - 2, "not") && is(words, at - 1, "be", "aux", "look", "need");
  if (isNotLooked && !is(words, at, "bare")) return true;
  if (is(words, at, "nudityNoun") && [at - 1, at - 2].some((i) => is(words, i, "without", "no"))) {
    return !is(words, at + 1, "garment");
  }
  if (is(words, at - 1, "lessWord") || is(words, at, "sexualVerb") && is(words, at - 1, "not")) {
    return true;
  }
  if (is(words, at, "nudityNoun") && [at - 2, at - 3].some((i) => is(words, i, "not"))) return true;
  if (is(words, at, "undressSelf") && is(words, at - 1, "not")) return true;
  return [at - 2, at - 3, at - 4].some((i) =>
    is(words, i, "not") && is(words, i + 1, "change", "need")
  );
}

/** "a naked statue", "голая ёлка", "the Naked Gun, a poster", "bares its teeth": no person is bare. */
function isBareThing(words: Words, at: number): boolean {
  if ([at + 1, at + 2].some((i) => is(words, i, "teeth"))) return true;
  const isPerson = (i: number) => is(words, i, "person") && !is(words, i, "mine");
  if (around(words, at, maxDistance, maxDistance).some(isPerson)) return false;
  if (is(words, at - 1, "stuff") || is(words, at + 1, "stuff")) return true;
  if (is(words, at - 1, "creature") && !is(words, at - 1, "place", "furniture")) return true;
  if (is(words, at - 1, "definite") && is(words, at + 1, "sign")) return true;
  const stuff = [at + 1, at + 2, at + 3, at + 4, at + 5];
  if (stuff.some((i) => is(words, i, "stuff"))) return true;
  if (is(words, at - 1, "be") && is(words, at - 2, "creature")) return true;
  if (is(words, at - 1, "with") && is(words, at - 2, "creature") && !is(words, at - 2, "person")) {
    return true;
  }
  if (is(words, at + 1, "prep", "stop")) return false;
  const after = [at + 1, at + 2, at + 3].find((i) => !goesOn(words, i) || is(words, i, "creature"));
  if (is(words, after ?? words.length, "creature") && goesOn(words, after!)) return true;
  return [at + 1, at + 2, at + 3, at + 4].some((i) => is(words, i, "title"));
}

/** "a shirtless boxer in the ring": as his sport has it; not one who is to become so. */
export function isBareAthlete(words: Words, at: number): boolean {
  if (![at, at + 1].some((i) => is(words, i, "torso"))) return false;
  const near = around(words, at, 5, 6);
  return near.some((i) => is(words, i, "athlete")) && !near.some((i) => is(words, i, "her")) &&
    !around(words, at, 5, 0).some((i) => is(words, i, "change", "let", "takeOff"));
}

function isShown(words: Words, at: number): boolean {
  if (is(words, 0, "shown") && at + 1 === words.length && !is(words, 0, "bareChest")) return true;
  if (is(words, at - 1, "shown") && !is(words, at - 2, "prep")) return !is(words, at + 1, "person");
  const part = [at + 1, at + 2].find((i) => is(words, i, "shown"));
  if (is(words, at + 1, "prep", "stop")) return false;
  if (part === undefined || is(words, at + 1, "person") && part !== at + 1) return false;
  return !around(words, at, 3, 6).some((i) => is(words, i, "breast", "bareChest", "skin"));
}

/** "blur the naked man", "надень футболку на голого парня": the bare word says who, and that is to end. */
export function isCovered(words: Words, at: number): boolean {
  const isWho = is(words, at, "nudityNoun") || is(words, at - 1, "hideOnly") ||
    is(words, at - 1, "conceal") && is(words, at - 1, "dress") ||
    goesOn(words, at + 1) && !is(words, at + 1, "stop", "prep");
  if (!isWho) return false;
  for (let i = at - 1; i >= at - 6 && i >= 0; i--) {
    const isPutOn = is(words, i, "cover") &&
      [i - 1, i - 2].some((b) => is(words, b, "clothe") && !is(words, b, "cover"));
    if (isPutOn) return true;
    if (is(words, i, "pull") && isTakenOutOfPicture(words, at)) return true;
    if (is(words, i, "conceal", "cutOut")) {
      return !words.slice(i + 1, at).some((_, n) =>
        is(words, i + 1 + n, "into") && !is(words, i + 1 + n, "on")
      );
    }
    if (is(words, i, "clothe") && around(words, at, 0, 4).some((c) => is(words, c, "cover"))) {
      return true;
    }
    if (is(words, i, "cover")) return [i - 1, i - 2, i - 3].some((b) => is(words, b, "clothe"));
    if (!is(words, i, "filler", "person", "prep", "photo", "garment", "into")) return false;
  }
  return false;
}

/** "take the naked man OUT OF THE PICTURE". */
function isTakenOutOfPicture(words: Words, at: number): boolean {
  const out = around(words, at, 0, 6).find((i) => is(words, i, "outOf"));
  return out !== undefined && [out + 1, out + 2, out + 3].some((i) => is(words, i, "photo"));
}

/** "remove the word on the sign": it is written somewhere, no person is spoken of, and it is to be changed. */
export function isWritten(words: Words, at: number): boolean {
  const near = around(words, at, 5, 5);
  return [...around(words, at, 2, 3)].some((i) => is(words, i, "sign")) &&
    around(words, at, 6, 5).some((i) => is(words, i, "mend") && !isTurnedInto(words, i, at)) &&
    !near.some((i) => is(words, i, "person"));
}

/** "change the photo INTO a nude". */
function isTurnedInto(words: Words, verb: number, at: number): boolean {
  return words.slice(verb + 1, at).some((_, i) =>
    is(words, verb + 1 + i, "into") && !is(words, verb + 1 + i, "with")
  );
}

function hasMinor(words: Words): boolean {
  return words.some((_, i) => is(words, i, "minor"));
}
