/** An OtherMessageStore that forgets with the test, unless the next process of the test is given it. */
import type { OtherMessage, OtherMessageStore } from "../../src/jobs/other_message.ts";

export function createMemoryOtherMessages(): OtherMessageStore {
  const records = new Map<string, { readonly slot: number; readonly message: OtherMessage }>();
  return {
    all: () => Promise.resolve([...records.values()]),
    put(slot, message) {
      records.set(`${message.chatId}:${slot}`, { slot, message: structuredClone(message) });
      return Promise.resolve();
    },
    remove(chatId, slot) {
      records.delete(`${chatId}:${slot}`);
      return Promise.resolve();
    },
  };
}
