/**
 * A user's line in a chat: what they do there is done in the order in which they did it, each thing when the one before is
 * done. Owns who stands in it: all messages, and those presses that read or write what messages do (a draft, a question, a
 * setting) or make a job. Does not know what is done.
 */
import { createSerializer } from "../lib/mod.ts";
import { type BotContext, writerOf } from "./api/mod.ts";
import { type Button } from "./buttons/mod.ts";

/** A place in a line. */
export interface Place {
  /** Resolves when all that came before it in its user's line is done. */
  readonly ready: Promise<void>;
  /** Lets the next one go on. Once is enough, and more does nothing. */
  leave(): void;
}

export interface Line {
  /** Takes the next place in the line of the update's user. To be called before anything is waited for. */
  take(ctx: BotContext): Place;
  /**
   * Runs `act` in the line of the chat for whom the user of a press speaks, which is known only when it was looked up. At once for
   * all others, who stand in their line already.
   */
  standFor<T>(ctx: BotContext, act: () => Promise<T>): Promise<T>;
}

/** Makes the lines; nobody stands in any. */
export function createLine(): Line {
  const lines = createSerializer();
  return {
    take(ctx) {
      const ready = Promise.withResolvers<void>();
      const left = Promise.withResolvers<void>();
      lines(lineOf(ctx), () => {
        ready.resolve();
        return left.promise;
      });
      return { ready: ready.promise, leave: left.resolve };
    },
    // A user who stands in two came through their own: nobody waits in a circle.
    standFor: (ctx, act) =>
      ctx.sender === ctx.from?.id ? act() : lines(`${ctx.chat?.id}:${ctx.sender}`, act),
  };
}

/** Whose line an update stands in: known at once, without a look at what is stored. */
export function lineOf(ctx: BotContext): string {
  return `${ctx.chat?.id}:${ctx.message ? writerOf(ctx.message) : ctx.from?.id}`;
}

/** Buttons under a result that begin something: a job, a draft, a preset. */
const beginning: ReadonlySet<string> = new Set([
  "again",
  "four",
  "further",
  "original",
  "cutout",
  "preset",
]);

/** True for a press that waits for its turn; false for one that is right at any time, and best at once. */
export function standsInLine(button: Button): boolean {
  switch (button.type) {
    case "preset":
    case "own_preset":
    case "preset_page":
    case "marks":
    case "draft_mode":
    case "draft_format":
    case "example":
    case "collected":
    case "language":
    case "forget":
    case "menu":
    case "import":
    case "bigger":
    case "format":
      return true;
    case "result":
      return beginning.has(button.verb);
    case "admin":
      // It asks for words.
      return button.action.type === "announce";
    case "cancel":
    case "cancel_all":
    case "pick":
    case "kept_result":
    case "access":
      return false;
    case "start_album":
      // It ends what the line waits for.
      return false;
    default:
      return button satisfies never;
  }
}
