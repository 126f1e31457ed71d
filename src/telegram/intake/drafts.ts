/**
 * Drafts: pictures that wait for a text, in each chat of a user. Owns what happens when new pictures come: the newest wait, those
 * before them are overtaken, and the buttons of their questions keep working. Does not know what is said.
 */
import { type ChatUser, type Picture } from "../../jobs/mod.ts";
import { type Overtaken, type PictureDraft, type Settings } from "../../users/mod.ts";
import type { ImageFetcher } from "./fetch_pictures.ts";

/** How its pictures are to be edited: see PictureDraft. */
export type DraftMode = Pick<PictureDraft, "each" | "n">;

/** What a draft is begun with; its time and its shape are added. */
export type NewDraft = Pick<PictureDraft, "messageId" | "id" | "pressedOn"> & DraftMode & {
  readonly collecting?: boolean;
  readonly rootId?: string | undefined;
  readonly isMarked?: boolean | undefined;
  readonly words?: string | undefined;
};

export interface Drafts {
  /** Keeps the pictures until their words come; they take the place of those that waited. */
  keep(chatUser: ChatUser, pictures: readonly Picture[], draft: NewDraft): Promise<void>;
  /** What was begun is over: its pictures are the `kept` ones, which belong to a job now, or something else has taken its place. */
  supersede(chatUser: ChatUser, kept: readonly Picture[]): Promise<void>;
  /** The pictures that a question is about, also where newer ones have taken their place; without an id those that wait. */
  find(chatUser: ChatUser, id: string | undefined): Promise<PictureDraft | Overtaken | undefined>;
  /** Changes how they are to be edited, and gives them. */
  change(
    chatUser: ChatUser,
    id: string | undefined,
    mode: DraftMode,
  ): Promise<PictureDraft | Overtaken | undefined>;
  /** Throws away what was begun, and what was overtaken; `handled` is the update that is dealt with by that. */
  drop(chatUser: ChatUser, handled?: number): Promise<void>;
}

export interface DraftsDeps {
  readonly settings: Settings;
  readonly imageFetcher: Pick<ImageFetcher, "remove">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createDrafts({ settings, imageFetcher, now }: DraftsDeps): Drafts {
  async function supersede(chatUser: ChatUser, kept: readonly Picture[]): Promise<void> {
    const left = await overtake(chatUser, kept);
    await settings.clearDraft(chatUser);
    await imageFetcher.remove(left);
  }

  /**
   * Notes those that wait as overtaken, where none of them is `kept`; gives those that are not. They wait on meanwhile: a kill must
   * not leave the buttons of their question without them.
   */
  async function overtake(
    chatUser: ChatUser,
    kept: readonly Picture[],
  ): Promise<readonly Picture[]> {
    const draft = await settings.draft(chatUser);
    if (!draft) return [];
    const { id, pictures, messageId, rootId, each, n, words } = draft;
    const left = pictures.filter(({ file }) => !kept.some((p) => p.file === file));
    // Buttons of 0.1.0 do not name it.
    if (left.length > 0 && left.length === pictures.length && id !== undefined) {
      await settings.changeOvertaken(chatUser, (drafts) => [
        ...drafts.filter((other) => other.id !== id),
        { id, pictures, messageId, rootId, each, n, words },
      ]);
    }
    return left;
  }

  async function find(
    chatUser: ChatUser,
    id: string | undefined,
  ): Promise<PictureDraft | Overtaken | undefined> {
    const draft = await settings.draft(chatUser);
    if (draft && draft.pictures.length > 0 && (id === undefined || draft.id === id)) return draft;
    return (await settings.overtaken(chatUser)).find((other) => other.id === id);
  }

  return {
    supersede,
    find,
    async change(chatUser, id, mode) {
      const found = await find(chatUser, id);
      if (!found) return undefined;
      if ("v" in found) await settings.setDraft(chatUser, { ...found, ...mode });
      else {
        await settings.changeOvertaken(
          chatUser,
          (drafts) => drafts.map((each) => each.id === found.id ? { ...each, ...mode } : each),
        );
      }
      return { ...found, ...mode };
    },
    async keep(chatUser, pictures, { collecting = false, ...draft }) {
      const left = await overtake(chatUser, pictures);
      await settings.setDraft(chatUser, {
        v: 1,
        kind: "pictures",
        at: now(),
        pictures: [...pictures],
        collecting,
        ...draft,
      });
      // The next words are theirs, and not the value that a menu has asked for.
      await settings.changeQuestion(chatUser, () => undefined);
      await imageFetcher.remove(left);
    },
    async drop(chatUser, handled) {
      await settings.changeOvertaken(chatUser, () => []);
      const draft = await settings.clearDraft(chatUser, handled);
      if (draft?.kind === "pictures") await imageFetcher.remove(draft.pictures);
    },
  };
}
