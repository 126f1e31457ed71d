/** Names of any script in Latin letters, as far as they can be: for what stands in buttons, files and commands. */

/** Cyrillic as in passports, roughly; Ukrainian, Belarusian and Serbian letters too. */
const cyrillic: ReadonlyMap<string, string> = new Map(
  Object.entries({
    а: "a",
    б: "b",
    в: "v",
    г: "g",
    д: "d",
    е: "e",
    ё: "yo",
    ж: "zh",
    з: "z",
    и: "i",
    й: "y",
    к: "k",
    л: "l",
    м: "m",
    н: "n",
    о: "o",
    п: "p",
    р: "r",
    с: "s",
    т: "t",
    у: "u",
    ф: "f",
    х: "kh",
    ц: "ts",
    ч: "ch",
    ш: "sh",
    щ: "shch",
    ъ: "",
    ы: "y",
    ь: "",
    э: "e",
    ю: "yu",
    я: "ya",
    і: "i",
    ї: "yi",
    є: "ye",
    ґ: "g",
    ў: "u",
    ђ: "dj",
    ј: "j",
    љ: "lj",
    њ: "nj",
    ћ: "c",
    џ: "dz",
  }),
);

/** The text with Cyrillic spelt out and accents taken off; what has no Latin spelling here stays as it is. */
export function latin(text: string): string {
  const spelt = [...text.normalize("NFC")].map((letter) => {
    const small = letter.toLowerCase();
    const as = cyrillic.get(small);
    return as === undefined || small === letter
      ? as ?? letter
      : as.replace(/^./, (first) => first.toUpperCase());
  });
  return spelt.join("").normalize("NFKD").replace(/\p{M}+/gu, "");
}
