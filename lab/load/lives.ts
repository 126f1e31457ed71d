/**
 * Lives of the bot that end by kill -9 at instants that chance chooses: while it starts, takes in, renders, delivers. The
 * next one begins at once, as under systemd. Owns the clock of the lives; knows nothing of what happens in them.
 */
import type { BotLife, Stage } from "../stage.ts";

/** One life, as it begins. */
export interface Life {
  /** From 0. */
  readonly index: number;
  /** From the start of its process to its kill. */
  readonly lastsMs: number;
}

export interface LivesOptions {
  readonly kills: number;
  readonly minLifeMs: number;
  readonly maxLifeMs: number;
  /** 0 up to, not including, 1. */
  readonly random: () => number;
  /** Called as each begins; what it returns is called right before the kill. */
  readonly onLife: (life: Life) => () => void;
}

export interface Lives {
  /** When each ended, milliseconds since 1970. */
  readonly killedAt: readonly number[];
  /** The last words of those that ended by themselves. */
  readonly died: readonly string[];
}

/** Kills the bot that runs again and again; resolves with the next life begun, which is not killed. */
export async function killAgainAndAgain(stage: Stage, options: LivesOptions): Promise<Lives> {
  const { kills, minLifeMs, maxLifeMs, random } = options;
  const killedAt: number[] = [];
  const died: string[] = [];
  for (let index = 0; index < kills; index++) {
    const lastsMs = minLifeMs + random() * (maxLifeMs - minLifeMs);
    const end = options.onLife({ index, lastsMs });
    const { bot } = stage;
    const isOver = await endsWithin(bot.status, lastsMs);
    end();
    if (isOver) died.push(lastWordsOf(bot));
    else bot.kill("SIGKILL");
    await bot.status;
    killedAt.push(Date.now());
    stage.start();
  }
  return { killedAt, died };
}

/** Follows the life that goes on now; gives its last words when it has ended. */
export function watchLife({ bot }: Pick<Stage, "bot">): { readonly lastWords?: string } {
  const life: { lastWords?: string } = {};
  bot.status.finally(() => life.lastWords = lastWordsOf(bot)).catch(() => {});
  return life;
}

function lastWordsOf(bot: BotLife): string {
  return bot.output().slice(-500);
}

/** True where it ended by itself within that time. */
async function endsWithin(ended: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(late.resolve, ms, false);
  try {
    return await Promise.race([ended.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for it, and goes on where it does not come: that is what is counted. False where it did not. */
export async function untilOrNot(
  { telegram }: Pick<Stage, "telegram">,
  look: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  return await telegram.until(look, { what: "the rest", timeoutMs }).catch(() => false);
}

/** What the bot's log has of errors over all its lives, the latest last, without where in the code they were thrown. */
export async function errorsIn({ dir }: Pick<Stage, "dir">, most: number): Promise<string[]> {
  const log = await Deno.readTextFile(`${dir}/logs/bot.log`);
  return log.split("\n").filter((line) => /\b(ERROR|CRITICAL)\b/.test(line)).slice(-most)
    .map((line) => line.replace(/ stack=.*/, ""));
}
