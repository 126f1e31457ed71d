/**
 * Drafts: pictures that wait for a text, in each chat of a user. Owns what happens when new pictures come: the newest wait, those
 * before them are overtaken, and the buttons of their questions keep working. Does not know what is said.
 */
import { type ChatUser, type Picture } from "../../jobs/mod.ts";
import { type PictureDraft, type Settings } from "../../users/mod.ts";
import type { ImageFetcher } from "./fetch_pictures.ts";

/** What a draft is begun with; its time and its shape are added. */
export type NewDraft = Pick<PictureDraft, "messageId" | "id" | "pressedOn"> & {
  readonly collecting?: boolean;
  readonly rootId?: string | undefined;
  readonly isMarked?: boolean | undefined;
};

export interface Drafts {
  /** Keeps the pictures until their words come; they take the place of those that waited. */
  keep(chatUser: ChatUser, pictures: readonly Picture[], draft: NewDraft): Promise<void>;
  /**
   * What was begun is over: its pictures are the `kept` ones, which belong to a job now, or something else has taken its place.
   * False where nothing was begun.
   */
  supersede(chatUser: ChatUser, kept: readonly Picture[]): Promise<boolean>;
  /** Throws away what was begun, and what was overtaken; false where nothing was begun. */
  drop(chatUser: ChatUser): Promise<boolean>;
}

export interface DraftsDeps {
  readonly settings: Settings;
  readonly imageFetcher: Pick<ImageFetcher, "remove">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createDrafts({ settings, imageFetcher, now }: DraftsDeps): Drafts {
  async function supersede(chatUser: ChatUser, kept: readonly Picture[]): Promise<boolean> {
    const draft = await settings.clearDraft(chatUser);
    if (draft?.kind === "pictures") {
      const left = draft.pictures.filter(({ file }) => !kept.some((p) => p.file === file));
      if (left.length > 0 && left.length === draft.pictures.length) await overtake(chatUser, draft);
      await imageFetcher.remove(left);
    }
    return draft !== undefined;
  }

  async function overtake(
    chatUser: ChatUser,
    { id, pictures, messageId, rootId }: PictureDraft,
  ): Promise<void> {
    // Buttons of 0.1.0 do not name it.
    if (id === undefined) return;
    await settings.changeOvertaken(chatUser, (drafts) => [
      ...drafts.filter((other) => other.id !== id),
      { id, pictures, messageId, rootId },
    ]);
  }

  return {
    supersede,
    async keep(chatUser, pictures, { collecting = false, rootId, isMarked, ...draft }) {
      await supersede(chatUser, pictures);
      await settings.setDraft(chatUser, {
        v: 1,
        kind: "pictures",
        at: now(),
        pictures: [...pictures],
        collecting,
        ...(rootId === undefined ? {} : { rootId }),
        ...(isMarked === undefined ? {} : { isMarked }),
        ...draft,
      });
    },
    async drop(chatUser) {
      const isThere = await supersede(chatUser, []);
      await settings.changeOvertaken(chatUser, () => []);
      return isThere;
    },
  };
}
