/**
 * The Settings port: a user's settings, drafts and questions. Owns the records' shape and version. Does not know whether a stored value
 * is still valid for a template: that is templates/params.ts's.
 */
import { z } from "zod";
import { type ChatUser, Delivery, Picture } from "../jobs/mod.ts";
import { type Language, languages } from "../lib/mod.ts";
import { type ParamValues } from "../templates/mod.ts";

/** A person's own preset, saved from a result. */
export const OwnPreset = z.object({
  /** Unique among the person's. */
  id: z.string(),
  words: z.string(),
  /** Parameters that were given with the words. */
  params: z.record(z.string(), z.union([z.number(), z.string()])),
  /** The chat in which it was saved; absent where nobody knows any more. */
  chatId: z.number().optional(),
});
export type OwnPreset = Readonly<z.infer<typeof OwnPreset>>;

/** Most presets of one person; the oldest gives way. */
export const maxOwnPresets = 20;

/** What a person has chosen, kept over restarts. Version 1. */
export const UserSettings = z.object({
  v: z.literal(1),
  /** By choice; absent means Telegram's own language. */
  language: z.enum(languages).optional(),
  /** Telegram's own language, as it was last heard: for what is said to somebody who has not just written. */
  heard: z.enum(languages).optional(),
  /** Absent means the configured default. */
  template: z.string().optional(),
  /** Parameter values by name, as chosen; those that were never touched are absent. */
  params: z.record(z.string(), z.union([z.number(), z.string()])),
  delivery: Delivery,
  /** Whether the picture is shown as it forms, where ComfyUI sends previews. */
  preview: z.boolean(),
  /** Own presets, the latest last. */
  presets: z.array(OwnPreset),
});
export type UserSettings = Readonly<z.infer<typeof UserSettings>>;

/** A person's presets whose words a chat may see: in a group (an id below 0) those that were saved in it. */
export function presetsFor({ presets }: UserSettings, chatId: number): readonly OwnPreset[] {
  return chatId > 0 ? presets : presets.filter((preset) => preset.chatId === chatId);
}

/** The language of what is said to a person unasked. */
export function languageOf({ language, heard }: UserSettings): Language {
  return language ?? heard ?? "en";
}

/** A person who has chosen nothing yet. */
export const defaultUserSettings: UserSettings = {
  v: 1,
  params: {},
  delivery: "auto",
  preview: true,
  presets: [],
};

/** Values of a job that its person has changed to make it again. */
export const JobChange = z.object({
  jobId: z.string(),
  params: z.record(z.string(), z.union([z.number(), z.string()])),
});
export type JobChange = Readonly<z.infer<typeof JobChange>>;

/** A person's changed jobs. Version 1; the one that was changed last stands last. */
export const JobChanges = z.object({ v: z.literal(1), jobs: z.array(JobChange) });
export type JobChanges = Readonly<z.infer<typeof JobChanges>>;

/** Most jobs whose changed values are kept for one person; those of the oldest are forgotten. */
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
});
export type PictureDraft = Readonly<z.infer<typeof PictureDraft>>;

/** What a person has begun in one chat and not finished. Version 1; one of each kind a person and chat. */
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
    /** The menu's own id where only its person sees it; `menuMessageId` is 0 then. */
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
export const Overtaken = PictureDraft.pick({ pictures: true, messageId: true, rootId: true })
  .extend({ id: z.string() });
export type Overtaken = Readonly<z.infer<typeof Overtaken>>;
/** Those of a user in one chat. Version 1; the one that was overtaken last stands last. */
export const OvertakenDrafts = z.object({ v: z.literal(1), drafts: z.array(Overtaken) });
export type OvertakenDrafts = Readonly<z.infer<typeof OvertakenDrafts>>;
/** Most that are kept of one user in one chat; the oldest go first. */
export const maxOvertaken = 10;
/** A question that a menu has asked. Pictures go on waiting behind it. */
export type Question = Extract<Draft, { readonly kind: "value" }>;

/** Reads and writes them. Every write is durable when its promise resolves. */
export interface Settings {
  user(userId: number): Promise<UserSettings>;
  /** Reads, changes, writes: atomically for one process. */
  changeUser(userId: number, change: (person: UserSettings) => UserSettings): Promise<UserSettings>;
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
  /** Takes the place of the draft of its kind. */
  setDraft(chatUser: ChatUser, draft: Draft): Promise<void>;
  /** The pictures whose place newer ones have taken, the latest last. */
  overtaken(chatUser: ChatUser): Promise<readonly Overtaken[]>;
  /** Reads, changes, writes: atomically for one process. Keeps the last `maxOvertaken` of what `change` gives. */
  changeOvertaken(
    chatUser: ChatUser,
    change: (drafts: readonly Overtaken[]) => readonly Overtaken[],
  ): Promise<void>;
  /** Takes pictures and question away; gives the pictures where there are any, else the question. */
  clearDraft(chatUser: ChatUser): Promise<Draft | undefined>;
  /** Reads, changes, writes: atomically for one process. Undefined is no question. */
  changeQuestion(
    chatUser: ChatUser,
    change: (question: Question | undefined) => Question | undefined,
  ): Promise<void>;
  /** A group has another id: what was begun in it, and what was chosen by who speaks for it, goes there. */
  move(from: number, to: number): Promise<void>;
  /** Erases a person's choices and drafts, and gives the drafts: their pictures are the caller's to remove. */
  forget(userId: number): Promise<readonly Draft[]>;
  /** Every draft there is, for the sweep of forgotten pictures. */
  drafts(): Promise<readonly { readonly chatUser: ChatUser; readonly draft: Draft }[]>;
}
