/**
 * What the owner does not want to be asked of a picture: a request in, a verdict out.
 * Owns the rules, the disguises and the owner's own patterns. Pure: does not know who wrote the words or what is done about it.
 */
export { parsePattern, patternForms } from "./pattern.ts";
export { createPolicy, type Policy, type PolicyConfig } from "./policy.ts";
export { judgeText, judgeWish, type Wish, type WishVerdict } from "./request.ts";
