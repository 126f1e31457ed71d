/**
 * The Settings port: a user's settings, drafts and questions. Owns the records' shape and version. Does not know whether a stored value
 * is still valid for a template: that is templates/params.ts's.
 */
import { z } from "zod";
import { type ChatUser, Delivery, Picture } from "../jobs/mod.ts";
import { type Language, languages } from "../lib/mod.ts";
import { type ParamValues } from "../templates/mod.ts";

/** A user's own preset, saved from a result. */
export const OwnPreset = z.object({
  /** Unique for the user. */
  id: z.string(),
  words: z.string(),
  /** Parameters that were given with the words. */
  params: z.record(z.string(), z.union([z.number(), z.string()])),
  /** The chat in which it was saved; absent in records of older versions. */
  chatId: z.number().optional(),
});
export type OwnPreset = Readonly<z.infer<typeof OwnPreset>>;

/** Most presets of one user; the oldest is removed. */
export const maxOwnPresets = 20;

/** A user's settings. Version 1. */
export const UserSettings = z.object({
  v: z.literal(1),
  /** As chosen; absent: Telegram's language. */
  language: z.enum(languages).optional(),
  /** Telegram's language of the user's last update: for messages that answer no update. */
  heard: z.enum(languages).optional(),
  /** Absent: the configured default. */
  template: z.string().optional(),
  /** Parameter values by name, as chosen; those that were never touched are absent. */
  params: z.record(z.string(), z.union([z.number(), z.string()])),
  delivery: Delivery,
  /** Whether the picture is shown as it forms, where ComfyUI sends previews. */
  preview: z.boolean(),
  /** They have been told that one can draw on a picture. */
  knowsMarks: z.boolean().optional(),
  /** Whether results of edits are given as many pixels as their picture. */
  sameSize: z.boolean().optional(),
  /** Own presets, the latest last. */
  presets: z.array(OwnPreset),
});
export type UserSettings = Readonly<z.infer<typeof UserSettings>>;

/** A user's presets that may be shown in a chat: in a group (an id below 0) those that were saved in it. */
export function presetsFor({ presets }: UserSettings, chatId: number): readonly OwnPreset[] {
  return chatId > 0 ? presets : presets.filter((preset) => preset.chatId === chatId);
}

/** The language of messages that answer no update. */
export function languageOf({ language, heard }: UserSettings): Language {
  return language ?? heard ?? "en";
}

/** The settings of a new user. */
export const defaultUserSettings: UserSettings = {
  v: 1,
  params: {},
  delivery: "auto",
  preview: true,
  presets: [],
};

/** Parameters of a job that its user has changed for 🔁 Again. */
export const JobChange = z.object({
  jobId: z.string(),
  params: z.record(z.string(), z.union([z.number(), z.string()])),
});
export type JobChange = Readonly<z.infer<typeof JobChange>>;

/** A user's changed jobs. Version 1; the latest change last. */
export const JobChanges = z.object({ v: z.literal(1), jobs: z.array(JobChange) });
export type JobChanges = Readonly<z.infer<typeof JobChanges>>;

/** Most changed jobs of one user; the oldest is removed. */
export const maxJobChanges = 10;

/** Pictures wait for their words. */
const PictureDraft = z.object({
  v: z.literal(1),
  kind: z.literal("pictures"),
  at: z.number(),
  pictures: z.array(Picture),
  /** The message that the result replies to. */
  messageId: z.number(),
  /** `/new` was said: further pictures are added to these instead of taking their place. */
  collecting: z.boolean(),
  /** The job that began the chain of edits that this one goes on with. */
  rootId: z.string().optional(),
  /** By this its question's buttons know it, and it is the id of the job that they make: the update that began it, in base 36. */
  id: z.string().optional(),
  /** The button that began it, by its callback data. */
  pressedOn: z.string().optional(),
  /** The words that come are about what is circled in the picture. */
  isMarked: z.boolean().optional(),
  /** Each picture by itself; absent where that was not chosen. */
  each: z.boolean().optional(),
  /** How many results of each; absent: one. */
  n: z.number().optional(),
  /** The words, where they wait for the choice between one picture of all and each by itself. */
  words: z.string().optional(),
});
export type PictureDraft = Readonly<z.infer<typeof PictureDraft>>;

/** What a user has begun in one chat and not finished. Version 1; one of each kind per user and chat. */
export const Draft = z.discriminatedUnion("kind", [
  PictureDraft,
  /** A menu asked for a value: the next text is it. */
  z.object({
    v: z.literal(1),
    kind: z.literal("value"),
    at: z.number(),
    param: z.string(),
    /** Which menu asked, by its buttons' prefix. */
    menu: z.string(),
    menuMessageId: z.number(),
    /** The id of an ephemeral menu; `menuMessageId` is 0 then. */
    menuEphemeralId: z.number().optional(),
    /** The message that asked; absent until it is sent. */
    askMessageId: z.number().optional(),
    /** Telegram's `update_id` of what made the menu ask: one question is told from another by it. */
    updateId: z.number(),
  }),
]);
export type Draft = Readonly<z.infer<typeof Draft>>;
/**
 * Pictures whose place newer ones have taken. Their question stands in the chat, so its buttons go on working: the files are gone,
 * and are fetched again.
 */
export const Overtaken = PictureDraft.pick({
  pictures: true,
  messageId: true,
  rootId: true,
  each: true,
  n: true,
  words: true,
})
  .extend({ id: z.string() });
export type Overtaken = Readonly<z.infer<typeof Overtaken>>;
/** Those of a user in one chat. Version 1; the one that was overtaken last stands last. */
export const OvertakenDrafts = z.object({ v: z.literal(1), drafts: z.array(Overtaken) });
export type OvertakenDrafts = Readonly<z.infer<typeof OvertakenDrafts>>;
/** Most that are kept of one user in one chat; the oldest go first. */
export const maxOvertaken = 10;
/** A question that a menu has asked. Pictures go on waiting behind it. */
export type Question = Extract<Draft, { readonly kind: "value" }>;

/** Stores settings and drafts. Every write is durable when its promise resolves. */
export interface Settings {
  user(userId: number): Promise<UserSettings>;
  /** Reads, changes, writes: atomically for one process. */
  changeUser(userId: number, change: (user: UserSettings) => UserSettings): Promise<UserSettings>;
  /** The changed values of a job; empty where none was changed. */
  jobParams(userId: number, jobId: string): Promise<ParamValues>;
  /** Reads, changes, writes: atomically for one process. No values at all forget the job. */
  changeJobParams(
    userId: number,
    jobId: string,
    change: (params: ParamValues) => ParamValues,
  ): Promise<ParamValues>;
  /** The pictures that wait for their words. */
  draft(chatUser: ChatUser): Promise<PictureDraft | undefined>;
  /** The question that waits for its value. */
  question(chatUser: ChatUser): Promise<Question | undefined>;
  /** Replaces the draft of its kind. */
  setDraft(chatUser: ChatUser, draft: Draft): Promise<void>;
  /** The pictures whose place newer ones have taken, the latest last. */
  overtaken(chatUser: ChatUser): Promise<readonly Overtaken[]>;
  /** Reads, changes, writes: atomically for one process. Keeps the last `maxOvertaken` of what `change` gives. */
  changeOvertaken(
    chatUser: ChatUser,
    change: (drafts: readonly Overtaken[]) => readonly Overtaken[],
  ): Promise<void>;
  /**
   * Removes pictures and question; returns the pictures if there are any, else the question. `handled` is the update that is dealt
   * with by that: after a kill it does not come again, and would find something else to do.
   */
  clearDraft(chatUser: ChatUser, handled?: number): Promise<Draft | undefined>;
  /** Reads, changes, writes: atomically for one process. Undefined is no question; `handled` as for clearDraft. */
  changeQuestion(
    chatUser: ChatUser,
    change: (question: Question | undefined) => Question | undefined,
    handled?: number,
  ): Promise<void>;
  /** Moves a group's drafts, and the settings of its anonymous admins, to its new id. */
  move(from: number, to: number): Promise<void>;
  /** Erases a user's settings and drafts; the caller has removed their pictures. */
  forget(userId: number): Promise<void>;
  /** All drafts, for removing pictures that no draft refers to. */
  drafts(): Promise<readonly { readonly chatUser: ChatUser; readonly draft: Draft }[]>;
}
