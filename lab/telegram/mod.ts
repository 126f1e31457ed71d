/**
 * An emulated Telegram: a Bot API 10.3 server on 127.0.0.1 with users behind it, which behaves as api.telegram.org
 * does and enforces its limits, so that a bot that works with it works with Telegram. The door of this folder.
 *
 * ```ts
 * await using tg = await startTelegram();
 * const bot = new Bot(tg.token, { client: { apiRoot: tg.url } });
 * const ann = tg.person({ id: 1, first_name: "Ann" });
 * await ann.sendPhoto(png, { caption: "make it night" });
 * const answer = await tg.until(() => tg.messages(ann.privateChat).at(1), { what: "an answer" });
 * await ann.press(answer, "Cancel");
 * ```
 */

export type * from "./contract.ts";
export { startTelegram } from "./emulator.ts";
export type * from "./event_types.ts";
export type { Fault, FaultHandle, FaultKind, Faults } from "./faults.ts";
