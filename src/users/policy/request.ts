/**
 * What of a request the owner's policy judges: the person's words and every text among the values, whoever chose them and when. The one
 * place for all of it: an edit from the chat, a repeated job, a preset, the shell.
 */
import { type ParamSpecs, type ParamValues } from "../../templates/mod.ts";
import type { Policy } from "./policy.ts";

/** What a job is to be made of, besides pictures. */
export interface Wish {
  readonly promptText: string;
  readonly params: ParamValues;
}

/** `param`: whose value is refused; absent for the words themselves. */
export type WishVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly rule: string; readonly param?: string };

/**
 * Judges the words, then each text value; one that is the owner's own default is not judged. `specs` are those of the template; a value
 * that they do not know is judged too.
 */
export function judgeWish(policy: Policy, specs: ParamSpecs, wish: Wish): WishVerdict {
  const verdict = policy.check(wish.promptText);
  if (!verdict.allowed) return verdict;
  for (const [param, value] of Object.entries(wish.params)) {
    const spec = specs[param];
    if (typeof value !== "string" || spec !== undefined && spec.kind !== "text") continue;
    if (value === spec?.default) continue;
    const judged = judgeText(policy, param, value);
    if (!judged.allowed) return { ...judged, param };
  }
  return { allowed: true };
}

/** Judges one text value: those of a negative prompt say what is not wanted. */
export function judgeText(policy: Policy, param: string, value: string) {
  return /negative/i.test(param) ? policy.checkUnwanted(value) : policy.check(value);
}
