/**
 * The Settings port: what a person has chosen and what they have begun. Owns the records' shape and version;
 * whether a stored value still fits today's template is params.ts's to say.
 */
import { z } from "zod";
import { Delivery, Language, Picture } from "./job.ts";

/** What a person has chosen, kept over restarts. Version 1. */
export const Person = z.object({
  v: z.literal(1),
  /** By choice; absent means Telegram's own language. */
  language: Language.optional(),
  /** Absent means the configured default. */
  template: z.string().optional(),
  /** Parameter values by name, as chosen; those that were never touched are absent. */
  params: z.record(z.string(), z.union([z.number(), z.string()])),
  delivery: Delivery,
});
export type Person = Readonly<z.infer<typeof Person>>;

/** A person who has chosen nothing yet. */
export const newPerson: Person = { v: 1, params: {}, delivery: "auto" };

/** What a person has begun in one chat and not finished. Version 1; one a person and chat. */
export const Draft = z.discriminatedUnion("kind", [
  /** `/new` was said: a picture is awaited. */
  z.object({ v: z.literal(1), kind: z.literal("picture"), at: z.number() }),
  /** Pictures are here, the words are awaited. */
  z.object({
    v: z.literal(1),
    kind: z.literal("words"),
    at: z.number(),
    pictures: z.array(Picture),
    /** The message with the (first) picture: the result replies to it where the words are no reply. */
    messageId: z.number(),
  }),
  /** The settings menu asked for a value: the next text is it. */
  z.object({
    v: z.literal(1),
    kind: z.literal("value"),
    at: z.number(),
    param: z.string(),
    menuMessageId: z.number(),
  }),
]);
export type Draft = Readonly<z.infer<typeof Draft>>;

/** A person's place: drafts in one chat are not those in another. */
export interface Seat {
  readonly userId: number;
  readonly chatId: number;
}

/** Reads and writes both. Every write is durable when its promise resolves. */
export interface Settings {
  person(userId: number): Promise<Person>;
  /** Reads, changes, writes: atomically for one process. */
  changePerson(userId: number, change: (person: Person) => Person): Promise<Person>;
  draft(seat: Seat): Promise<Draft | undefined>;
  setDraft(seat: Seat, draft: Draft): Promise<void>;
  /** Takes the draft away and gives it back, or undefined where there is none. */
  clearDraft(seat: Seat): Promise<Draft | undefined>;
  /** Every draft there is, for the sweep of forgotten pictures. */
  drafts(): Promise<readonly { readonly seat: Seat; readonly draft: Draft }[]>;
}
