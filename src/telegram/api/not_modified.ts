/** Edits that change nothing: what is to be shown is shown already, which is no error. */
import type { Transformer } from "grammy";

/** Has such an edit resolve with `true` (Bot API: 400 "message is not modified"). */
export const ignoreNotModified: Transformer = async (prev, method, payload, signal) => {
  const answer = await prev(method, payload, signal);
  if (answer.ok || !/message is not modified/.test(answer.description)) return answer;
  return { ok: true, result: true as never };
};
