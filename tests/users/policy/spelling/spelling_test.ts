/**
 * Words that are not written as the rules know them.
 *
 * Drives besides: src/users/policy/spelling/typos.ts, src/users/policy/spelling/run_together.ts,
 * src/users/policy/spelling/transliteration.ts.
 */
import assert from "node:assert/strict";
import {
  createTakeApart,
  createTypos,
  transliterations,
} from "../../../../src/users/policy/spelling/mod.ts";

Deno.test("a misspelled word is found: a letter left out, added, wrong, swapped, a vowel as it sounds", () => {
  const findTypo = createTypos([["clothes undress раздень одежда колготки костюм*", "known"]]);
  const misspelled = "clohes clotthes cloghes cltohes undrss undres раздинь раздэнь адежда колготти"
    .split(" ");
  for (const word of misspelled) assert.equal(findTypo(word), "known", word);
  for (const word of ["closets", "address", "раздать", "надежда", "костюн", "cat"]) {
    assert.equal(findTypo(word), undefined, word);
  }
});

Deno.test("words written as one are taken apart where all of them are known and one tells", () => {
  const takeApart = createTakeApart(["clothes dress одежду"], ["remove her the сними"]);
  assert.deepEqual(takeApart("removeherclothes"), ["remove", "her", "clothes"]);
  assert.deepEqual(takeApart("снимиодежду"), ["сними", "одежду"]);
  for (const word of ["removether", "sundress", "clothes", "headdresses"]) {
    assert.equal(takeApart(word), undefined, word);
  }
  assert.equal(takeApart("dress".repeat(2000))?.length, 2000);
});

Deno.test("Russian in Latin letters is read as Russian", () => {
  const readings: readonly (readonly [string, string])[] = [
    ["razden", "раздень"],
    ["snimi", "сними"],
    ["odezhdu", "одежду"],
    ["goluyu", "голую"],
    ["plat'e", "плате"],
    ["yubku", "юбку"],
  ];
  for (const [latin, russian] of readings) {
    assert.ok(transliterations(latin).includes(russian), `${latin}: ${transliterations(latin)}`);
  }
  for (const word of ["cat", "платье", "naïve"]) assert.deepEqual(transliterations(word), []);
});
