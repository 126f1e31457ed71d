/** Числа и сроки в русских предложениях. */

const plural = new Intl.PluralRules("ru");

/** `1 задача`, `2 задачи`, `5 задач`. */
export function count(n: number, one: string, few: string, many: string): string {
  const form = plural.select(n);
  return `${n} ${form === "one" ? one : form === "few" ? few : many}`;
}

/** `8 с`, `1 мин 20 с`, `2 ч 5 мин`. */
export function duration(ms: number): string {
  const s = Math.max(1, Math.round(ms / 1000));
  if (s < 60) return `${s} с`;
  const min = Math.floor(s / 60);
  if (min < 60) return s % 60 === 0 || min >= 10 ? `${min} мин` : `${min} мин ${s % 60} с`;
  return `${Math.floor(min / 60)} ч ${min % 60} мин`;
}

/** `0,5`. */
export function number(n: number): string {
  return String(n).replace(".", ",");
}
