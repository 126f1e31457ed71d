/**
 * The policy on requests: a request in, a verdict out. Owns the rules, the disguises and the owner's patterns. Pure: does not know who
 * wrote the text, nor what follows a refusal.
 */
export { parsePattern, patternForms } from "./pattern.ts";
export {
  createPolicy,
  judgeText,
  judgeWish,
  type Policy,
  type PolicyConfig,
  policyInForce,
  type Wish,
  type WishVerdict,
} from "./policy.ts";
