/**
 * Albums: Telegram sends their pictures as separate messages with one `media_group_id`, the caption on one of them and no
 * mark at the end. Owns when an album is complete: a second after its last message, or at a press of the button. Does not
 * know what the pictures are for.
 */
import { InlineKeyboard } from "grammy";
import type { Message, Update } from "grammy/types";
import { type ChatUser, type Inbox } from "../../jobs/mod.ts";
import { type BotContext, type PressAnswer } from "../api/mod.ts";
import { type ButtonOf, writeButton } from "../buttons/mod.ts";

export interface AlbumsOptions {
  /** How long after a member the next one may come. Default 1 000. */
  readonly gatherMs?: number;
}

/** One album that is being gathered. */
interface Group {
  readonly members: Message[];
  timer: ReturnType<typeof setTimeout> | undefined;
  readonly complete: PromiseWithResolvers<readonly Message[]>;
}

/** What a member finds when it comes. */
export interface Joined {
  /** The album's name, for its button. */
  readonly key: string;
  /** True for the first one: it stands for the whole album. */
  readonly isFirst: boolean;
  /** The album, in the order of its messages, when no more pictures have come for a while. */
  readonly complete: Promise<readonly Message[]>;
}

export interface Albums {
  /** Takes in a message that has a `media_group_id`. */
  join(message: Message): Joined;
  /** No more pictures will come. False where that album is complete already. */
  finish(key: string): boolean;
}

/** Gathers from now on; an album that is complete is forgotten. */
export function createAlbums({ gatherMs = 1_000 }: AlbumsOptions = {}): Albums {
  const groups = new Map<string, Group>();

  function finish(key: string): boolean {
    const group = groups.get(key);
    groups.delete(key);
    clearTimeout(group?.timer);
    group?.complete.resolve(group.members.sort((a, b) => a.message_id - b.message_id));
    return group !== undefined;
  }

  return {
    finish,
    join(message) {
      // An album lies in one chat, and Telegram gives each a name of its own.
      const key = message.media_group_id ?? "";
      const known = groups.get(key);
      const group = known ?? {
        members: [],
        timer: undefined,
        complete: Promise.withResolvers(),
      };
      groups.set(key, group);
      group.members.push(message);
      clearTimeout(group.timer);
      group.timer = setTimeout(() => finish(key), gatherMs);
      return { key, isFirst: !known, complete: group.complete.promise };
    },
  };
}

/** Says that an album is being gathered; the message becomes whatever is answered to the album, also after a kill. */
export async function showGathering(
  ctx: BotContext,
  chatUser: ChatUser,
  { key }: Joined,
  inbox: Pick<Inbox<Update>, "noticeOf" | "setNotice">,
): Promise<void> {
  if (ctx.goesUnanswered) return;
  const { userId } = chatUser;
  const { update_id: updateId } = ctx.update;
  const known = inbox.noticeOf(updateId);
  if (known !== undefined) return void (ctx.noticeId = known);
  const keyboard = new InlineKeyboard()
    .text(ctx.text.startNow, writeButton({ type: "start_album", userId, album: key })).primary();
  const notice = await ctx.reply(ctx.text.gathering, { reply_markup: keyboard });
  ctx.noticeId = notice.message_id;
  await inbox.setNotice(updateId, notice.message_id);
}

/** Does what "start now" asks for. */
export function pressStartNow(
  ctx: BotContext,
  { album }: ButtonOf<"start_album">,
  albums: Albums,
): PressAnswer {
  return albums.finish(album) ? {} : { text: ctx.text.stale };
}
