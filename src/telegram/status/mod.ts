/**
 * What a user sees of a job: its status message or draft, its preview, its result.
 * Owns that each is sent once and kept current. Does not know how the job came about.
 */
export { deliver } from "./delivery.ts";
export { createFindMessage } from "./find_message.ts";
export { createHints } from "./hints.ts";
export {
  type Makeable,
  moreKeyboard,
  type NumberButton,
  numberKeyboard,
  resultKeyboard,
} from "./job_keyboards.ts";
export { createKeptResults, keptKeyboard, type KeptResults } from "./kept_results.ts";
export { createOtherMessages } from "./other_messages.ts";
export { createSendOnce, findInTurn } from "./send_once.ts";
export { createStatusDrafts } from "./status_draft.ts";
export { jobLine, wordsInList } from "./status_text.ts";
export { createStatusUpdater, type StatusUpdater } from "./status_updater.ts";
