/**
 * Message drafts that the bot streams into private chats: one at a time a chat, each a preview of thirty seconds.
 * Whether one has expired is found out when it is looked at; there is no timer.
 */

import type { Draft } from "../event_types.ts";

/** How long a draft is shown, milliseconds. */
const DRAFT_MS = 30_000;

export class Drafts {
  readonly #drafts = new Map<number, Draft>();
  readonly #stopped = new Set<string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get(chatId: number): Draft | undefined {
    const draft = this.#drafts.get(chatId);
    return draft === undefined || draft.expiresAt <= this.#now() ? undefined : draft;
  }

  /** Shows a draft, for thirty seconds; false for one that the user has stopped: it stays as it is. */
  show(draft: Omit<Draft, "expiresAt">): Draft | undefined {
    if (this.#stopped.has(`${draft.chatId}:${draft.draftId}`)) return undefined;
    const shown: Draft = { ...draft, expiresAt: this.#now() + DRAFT_MS };
    this.#drafts.set(draft.chatId, shown);
    return shown;
  }

  /** Takes it away, as a message of the bot does; true when there was one. */
  clear(chatId: number): boolean {
    const had = this.get(chatId) !== undefined;
    this.#drafts.delete(chatId);
    return had;
  }

  /** The Stop button; gives the draft that was stopped, which vanishes unless it is kept. */
  stop(chatId: number): Draft | undefined {
    const draft = this.get(chatId);
    if (draft === undefined || !draft.canStop) return undefined;
    this.#stopped.add(`${chatId}:${draft.draftId}`);
    if (!draft.keepOnStop) this.#drafts.delete(chatId);
    return draft;
  }
}
