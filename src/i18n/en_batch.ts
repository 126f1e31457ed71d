/** What the chat says in English about several jobs at once: the same words for many pictures, several seeds. */
import { type LimitSpan } from "../jobs/mod.ts";
import { count, duration } from "./en_menus.ts";

const pictures = (n: number) => count(n, "picture", "pictures");

export const batch = {
  /** Under pictures that wait for their words. */
  modes: {
    all: "🖼 One picture of all",
    each: "🗂 Each by itself",
    four: "🎲 Four at once",
  },
  /** Rows of /help. */
  help: {
    several: (p: { max: number }) =>
      `Several pictures: an album of up to ${p.max} can become one, “put the person from Picture 1 into Picture 2”.`,
    each: (p: { max: number }) =>
      `The same words for many: under an album, “Each by itself”; /batch takes up to ${p.max} pictures.`,
    four:
      "Four at once: n=4 in the caption, or 🎲 × 4 under a result. Each result counts for the limits.",
  },
  askMode: (p: { count: number }) =>
    `${
      pictures(p.count)
    }, the same words. Shall I make one picture of all of them, or change each by itself?`,
  /** Where one edit takes at most `max`. */
  askEach: (p: { count: number; max: number }) =>
    p.max === 1
      ? `This template changes one picture at a time. Shall I change each of the ${p.count} by itself, with the same words?`
      : `At most ${p.max} pictures go into one edit, and these are ${p.count}. Shall I change each of them by itself, with the same words?`,
  askWords: (p: { count: number; tooManyFor: number | undefined }) =>
    `Got ${pictures(p.count)}.${
      p.tooManyFor === undefined
        ? ""
        : p.tooManyFor === 1
        ? " This template changes one picture at a time."
        : ` At most ${p.tooManyFor} go into one edit.`
    } I change each by itself, with the same words. What should I change? Write it, or tap an idea.`,
  ask: (p: { max: number }) =>
    `Send the pictures, up to ${p.max}, one by one or as albums. I change each by itself, with the same words. Press “Done” after the last one, or write what to change.`,
  collected: (p: { count: number; max: number }) =>
    p.count < p.max
      ? `Got ${
        pictures(p.count)
      }. Send more (up to ${p.max}), press “Done”, or write what to change.`
      : `Got ${pictures(p.count)}, which is as many as I take at once.`,
  tooMany: (p: { max: number; waiting: number }) =>
    `I take at most ${p.max} results at once.` +
    (p.waiting === 0 ? "" : ` I keep the ${pictures(p.waiting)} that came before.`),

  limit: (p: { jobs: number; per: LimitSpan; max: number }) =>
    `These are ${p.jobs} results at once, and you may have ${p.max} ${
      p.per === "pending" ? "in progress" : p.per === "hour" ? "an hour" : "a day"
    }; those that you have count. I have kept your pictures: send the text again later, or fewer pictures.`,
  full: (p: { jobs: number; max: number }) =>
    `There is no room for ${p.jobs} more in the queue, which takes ${p.max}. I have kept your pictures: send the text again in a few minutes.`,

  waiting: (p: { of: number; position: number; waitMs: number | undefined }) =>
    `⏳ ${p.of} at once · in the queue: number ${p.position}` +
    (p.waitMs === undefined ? "" : `\nall in about ${duration(p.waitMs)}`),
  progress: (p: { bar: string; done: number; of: number; leftMs: number | undefined }) =>
    `🎨 ${p.bar} ${p.done} of ${p.of}` +
    (p.leftMs === undefined ? "" : `\nabout ${duration(p.leftMs)} left`),
  cancel: "✖ Cancel the rest",
  ended: (p: { done: number; of: number; isCancelled: boolean }) =>
    p.isCancelled ? `✖ Cancelled. Done: ${p.done} of ${p.of}.` : `Done: ${p.done} of ${p.of}.`,
  status: (p: { words: string; done: number; of: number }) =>
    `🎨 “${p.words}”: ${p.done} of ${p.of} done`,

  which: "Which one shall I go on with?",
  chosen: (p: { number: number; of: number }) => `Picture ${p.number} of ${p.of}. What next?`,
  sayWhich:
    "Several pictures came last. Reply to the one that you mean with these words, or tap its number and then ✏️.",
};
