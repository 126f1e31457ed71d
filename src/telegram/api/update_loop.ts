/**
 * Updates from Telegram to the handlers, each at least once: they are written to the inbox before the next ones are
 * asked for (which tells Telegram to forget them), and taken out of it when their handling has ended.
 */
import { getLogger } from "@logtape/logtape";
import { type Api, GrammyError } from "grammy";
import type { Update } from "grammy/types";
import { setTimeout as pause } from "node:timers/promises";
import { type Inbox } from "../../jobs/mod.ts";
import { isDiskError, messageOf, race, retry, retryOnDiskError, steady } from "../../lib/mod.ts";
import { refusalOf } from "./refusal.ts";
import { retryAfterMs } from "./retry.ts";

import { z } from "zod";

const log = getLogger(["bot", "telegram", "api"]);

/** The kinds of updates that are handled; Telegram sends no others. */
const allowedUpdates = [
  "message",
  "callback_query",
  "stopped_message_generation",
] as const satisfies readonly (
  keyof Update
)[];

/** Pause before what the disk did not take is tried again. */
const diskRetryMs = 2_000;

/** From when on users are told that what they send waits: a short restart of the database is not worth a message. */
const heldUpMs = 3_000;

/** Pause before Telegram is asked again that did not take the token. */
const tokenRetryMs = 5_000;
/** Pause before it is asked again that gave no answer, or another refusal. */
const defaultPollRetryMs = 3_000;

/** How long Telegram may hold a question for updates until there are some; most that it gives at once (both its limits). */
const longPollSeconds = 30;
const maxBatch = 100;

/**
 * Updates that are handled at a time; beyond it Telegram is not asked for more. Most of them wait, for an answer to go out
 * or for a picture to come: with fewer, one user's hundreds would hold up all the others.
 */
const maxHandled = 2_000;

/**
 * So many messages that a former process has left are handled one by one: one of them may be what it died of. More of them are
 * a crowd and handled at once; where that dies, too, they are handled in so many parts, and so on.
 */
const maxAlone = 32;
/** What kills does it within that time. */
const apartMs = 10_000;

/** How long a stop waits for the handlers that have begun. */
const stopMs = 3_000;

export interface UpdateSourceDeps {
  readonly api: Api;
  readonly inbox: Inbox<Update>;
  /** Handles one update; a rejection is logged and the update counts as dealt with, but for what `ending` says. */
  readonly handle: (update: Update) => Promise<void>;
  /** Aborts when nothing is waited for any more: what fails from then on is left to the next start. */
  readonly ending: AbortSignal;
  /** Tells the user of an update that it is left out, for two processes died of it. */
  readonly tellGivenUp: (update: Update) => Promise<void>;
  /** Tells the user of an update that it waits at Telegram, for nothing can be stored. */
  readonly tellHeldUp: (update: Update) => Promise<void>;
  /** Nothing is handled before it resolves; Telegram is asked meanwhile. Where it rejects, the inbox keeps what has come. */
  readonly ready: Promise<unknown>;
  /** True where Telegram has taken the token before, from a former process. */
  readonly wasTaken: () => Promise<boolean>;
  /** Called whenever Telegram is asked for updates, with each try where it does not answer. */
  readonly onPoll?: (() => void) | undefined;
  /** Pause before Telegram is asked again where it is in trouble. Default 3 s. */
  readonly pollRetryMs?: number;
}

/**
 * Takes in and handles updates until `signal` aborts; resolves when the handlers that have begun are through, or soon. Rejects
 * where going on makes no sense: the token is wrong from the start (401), or another process asks for the same bot's updates (409).
 */
export async function runUpdates(deps: UpdateSourceDeps, signal: AbortSignal): Promise<void> {
  const dealWith = createDealing(deps, signal);
  const supply = supplier(deps, dealWith, signal);
  const handling = new Set<Promise<void>>();
  const stopped = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => stopped.resolve(), { once: true });
  while (!signal.aborted) {
    try {
      for (const update of await supply(Math.min(maxBatch, maxHandled - handling.size))) {
        const done = dealWith(update).catch((error) =>
          log.error("Cannot remove an update from the inbox: {error}", { error: messageOf(error) })
        ).finally(() => handling.delete(done));
        handling.add(done);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    while (handling.size >= maxHandled && !signal.aborted) {
      await race([...handling, stopped.promise]);
    }
  }
  // Who waits for Telegram longer than that goes on at the next start: the inbox has it.
  const through = new AbortController();
  const patience = pause(stopMs, undefined, { signal: through.signal }).catch(() => {});
  await race([Promise.allSettled(handling), patience]);
  through.abort();
}

/**
 * What the former process left comes first, suspects of its death apart, then what Telegram has; each is kept before
 * it is given out. What the inbox does not take is not asked beyond: Telegram has it still and gives it again.
 */
function supplier(
  deps: UpdateSourceDeps,
  dealWith: (update: Update) => Promise<void>,
  stopping: AbortSignal,
) {
  const { api, inbox, onPoll, pollRetryMs = defaultPollRetryMs } = deps;
  let wasTaken = false;
  /** The oldest update that Telegram is still to give; 0 where that is all that it has not been told to forget. */
  let offset = 0;

  async function poll(limit: number): Promise<Update[]> {
    for (;;) {
      onPoll?.();
      try {
        const updates = await api.getUpdates(
          { offset, limit, timeout: longPollSeconds, allowed_updates: allowedUpdates },
          stopping as unknown as Parameters<Api["getUpdates"]>[1],
        );
        wasTaken = true;
        return updates;
      } catch (error) {
        // A token that was right a while ago may be right again; one that never was is the owner's mistake.
        wasTaken ||= await deps.wasTaken();
        if (!wasTaken || refusalOf(error)?.kind !== "credentials") throw error;
        await pause(tokenRetryMs, undefined, { signal: stopping }).catch(() => {});
        if (stopping.aborted) return [];
      }
    }
  }

  /** The next updates; those before them are forgotten by Telegram. */
  async function fetchUpdates(limit: number): Promise<readonly Update[]> {
    const updates = await retry(() => poll(limit), {
      delaysMs: steady(() => pollRetryMs),
      isTransient: (error) => !stopping.aborted && !isFinal(error),
      minDelayMs: retryAfterMs,
      signal: stopping,
    });
    const last = updates.at(-1);
    if (last) offset = last.update_id + 1;
    return updates;
  }

  let isTakenUp = false;
  /** Since when nothing can be stored (steady milliseconds), and who was told. */
  let failing: { readonly since: number; readonly told: Set<number> } | undefined;

  async function takeUp(): Promise<readonly Update[]> {
    const left = await inbox.left((updateId, update) => {
      log.error("Skipping update {updateId}: the process crashed on it twice", { updateId });
      return update && deps.tellGivenUp(update).catch(notTold);
    });
    if (left.length > 0) {
      // They come before the first question; a death before `ready` is none of theirs.
      onPoll?.();
      await deps.ready;
      log.info("Continuing with {count} updates from before the restart", { count: left.length });
    }
    const groups = messagesOf(left);
    const isSuspect = ([update]: readonly Update[]) => inbox.isSuspect(update!.update_id);
    const suspects = groups.filter(isSuspect);
    const others = groups.filter((group) => !isSuspect(group));
    // Telegram may have the rest of an album: it is asked beside them.
    const isCrowd = others.length > maxAlone || others.flat().some(isOfAlbum);
    for (const apart of isCrowd ? [suspects] : [suspects, others]) {
      const size = Math.ceil(apart.length / maxAlone);
      for (let at = 0; at < apart.length; at += size) {
        if (stopping.aborted) return [];
        onPoll?.();
        await handleApart(apart.slice(at, at + size));
      }
    }
    isTakenUp = true;
    return isCrowd ? others.flat() : [];
  }

  /**
   * Handles some messages with nothing beside them, until they are dealt with; what has not killed by then waits for something
   * and goes on beside the others.
   */
  async function handleApart(groups: readonly (readonly Update[])[]): Promise<void> {
    const ids = groups.flat().map(({ update_id }) => update_id);
    await inbox.begin(ids, { alone: groups.length === 1 });
    const handled = Promise.all(groups.flat().map(dealWith));
    const patience = pause(apartMs, false, { signal: stopping, ref: false }).catch(() => false);
    const isDone = await race([handled.then(() => true), patience]);
    if (!isDone) await inbox.spare(ids);
  }

  /** Each user once. */
  function tellHeldUp(updates: readonly Update[], told: Set<number>): void {
    for (const update of wholeOnes(updates)) {
      const userId = (update.message ?? update.callback_query)?.from?.id;
      if (userId === undefined || told.has(userId)) continue;
      told.add(userId);
      deps.tellHeldUp(update).catch((error) =>
        log.warn("Cannot tell a user that their message waits: {error}", {
          error: messageOf(error),
        })
      );
    }
  }

  return async (limit: number): Promise<readonly Update[]> => {
    const updates = isTakenUp ? await fetchUpdates(limit) : [];
    try {
      const kept = isTakenUp ? await inbox.keep(wholeOnes(updates)) : await takeUp();
      failing = undefined;
      return kept;
    } catch (error) {
      if (!isDiskError(error)) throw error;
      if (!failing) {
        log.error("Cannot store updates: {error}; Telegram keeps them until they can be stored", {
          error: messageOf(error),
        });
      }
      failing ??= { since: performance.now(), told: new Set() };
      if (performance.now() - failing.since >= heldUpMs) tellHeldUp(updates, failing.told);
      offset = 0;
      await pause(diskRetryMs, undefined, { signal: stopping }).catch(() => {});
      return [];
    }
  };
}

/** The token is wrong, or another process asks for the same bot's updates: asking again would change nothing. */
function isFinal(error: unknown): boolean {
  return error instanceof GrammyError && (error.error_code === 401 || error.error_code === 409);
}

function notTold(error: unknown): void {
  log.warn("Cannot tell a user that their message was skipped: {error}", {
    error: messageOf(error),
  });
}

function isOfAlbum({ message }: Update): boolean {
  return message?.media_group_id !== undefined;
}

/** What an update belongs to: an album's pictures come as several updates and are handled together. */
function partOf({ update_id, message }: Update): string | number {
  return message?.media_group_id ?? update_id;
}

/** One group for each message. */
function messagesOf(updates: readonly Update[]): readonly (readonly Update[])[] {
  return [...Map.groupBy(updates, partOf).values()];
}

/**
 * Handles updates, and takes them out of the inbox. Those of an album go all at once, when each is handled: one of them stands for all,
 * and after a kill it must find the others again, and none of them itself alone.
 */
function createDealing(
  { handle, inbox, ending, ready }: UpdateSourceDeps,
  signal: AbortSignal,
): (update: Update) => Promise<void> {
  const begun = new Map<string | number, { readonly ids: number[]; unhandled: number }>();
  return async (update) => {
    const part = partOf(update);
    const message = begun.get(part) ?? { ids: [], unhandled: 0 };
    begun.set(part, message);
    message.ids.push(update.update_id);
    message.unhandled++;
    await ready;
    try {
      await handle(update);
    } catch (error) {
      if (ending.aborted) return;
      log.error("Cannot handle update {updateId}: {error}", {
        updateId: update.update_id,
        error: messageOf(error),
        stack: error instanceof Error ? error.stack : undefined,
      });
    }
    message.unhandled--;
    if (message.unhandled > 0) return;
    begun.delete(part);
    await retryOnDiskError(() => inbox.done(...message.ids), {
      what: `that update ${update.update_id} is dealt with`,
      retryMs: diskRetryMs,
      signal,
    });
  };
}

const user = z.looseObject({ id: z.number(), first_name: z.string() });

const chat = z.looseObject({ id: z.number(), type: z.string() });

const message = z.looseObject({ message_id: z.number(), chat, from: user.optional() });

/** Required fields of https://core.telegram.org/bots/api#update and of its parts, as far as they are used. */
const wholeUpdate = z.looseObject({
  update_id: z.number(),
  message: message.optional(),
  callback_query: z.looseObject({ id: z.string(), from: user, message: message.optional() })
    .optional(),
  stopped_message_generation: z.looseObject({ chat, draft_id: z.number() }).optional(),
});

const storedUpdate = z.looseObject({ update_id: z.number() });

/** Reads back an update that the inbox has kept as JSON; it came from Telegram and is trusted to be one. */
export function parseUpdate(json: string): Update {
  return z.custom<Update>((value) => storedUpdate.safeParse(value).success).parse(JSON.parse(json));
}

/** The updates that have what every update of their kind has; the log has a line about each of the others. */
export function wholeOnes(updates: readonly Update[]): readonly Update[] {
  return updates.filter((update) => {
    const { success, error } = wholeUpdate.safeParse(update);
    if (success) return true;
    log.warn("Skipping update {updateId}, which is not as the Bot API documents: {problem}", {
      updateId: update.update_id,
      problem: error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    });
    return false;
  });
}
