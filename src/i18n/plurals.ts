/** Numbers and durations in a sentence, by the rules of its language. Knows no sentence. */

/**
 * Makes `count(n, ...forms)`: the number and the form of the noun that goes with it. `categories` are those that
 * Intl.PluralRules tells apart for whole numbers in this language, in the order of the forms; the last one serves for
 * any other number.
 */
export function createCount<const Categories extends readonly Intl.LDMLPluralRule[]>(
  locale: string,
  categories: Categories,
): (n: number, ...forms: { readonly [K in keyof Categories]: string }) => string {
  const plural = new Intl.PluralRules(locale);
  return (n, ...forms) => {
    const at = categories.indexOf(plural.select(n));
    return `${n} ${forms.at(at)}`;
  };
}

/** Makes `duration(ms)`: `8 s`, `1 min 20 s`, `2 h 5 min`, with the language's symbols for the units. */
export function createDuration(
  unit: { h: string; min: string; s: string },
): (ms: number) => string {
  return (ms) => {
    const s = Math.max(1, Math.round(ms / 1000));
    if (s < 60) return `${s} ${unit.s}`;
    const min = Math.floor(s / 60);
    if (min >= 60) return `${Math.floor(min / 60)} ${unit.h} ${min % 60} ${unit.min}`;
    const whole = `${min} ${unit.min}`;
    return s % 60 === 0 || min >= 10 ? whole : `${whole} ${s % 60} ${unit.s}`;
  };
}
