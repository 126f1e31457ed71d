/**
 * Albums: Telegram sends their pictures as separate messages with one `media_group_id`, the words on one of them and no
 * mark at the end. Owns the gathering: who comes within a second of the last one belongs together.
 */
import type { Message } from "grammy/types";

export interface AlbumsOptions {
  /** How long after a member the next one may come. Default 1 000. */
  readonly gatherMs?: number;
}

/** One album that is being gathered. */
interface Group {
  readonly members: Message[];
  timer: number;
  readonly complete: PromiseWithResolvers<readonly Message[]>;
}

/** What a member finds when it comes. */
export interface Joined {
  /** True for the first one: it stands for the whole album. */
  readonly isFirst: boolean;
  /** The album, in the order of its messages, when nobody has come for a while. */
  readonly complete: Promise<readonly Message[]>;
}

export interface Albums {
  /** Takes in a message that has a `media_group_id`. */
  join(message: Message): Joined;
}

/** Gathers from now on; an album that is complete is forgotten. */
export function createAlbums({ gatherMs = 1_000 }: AlbumsOptions = {}): Albums {
  const groups = new Map<string, Group>();
  return {
    join(message) {
      const key = `${message.chat.id}:${message.media_group_id}`;
      const known = groups.get(key);
      const group = known ?? { members: [], timer: 0, complete: Promise.withResolvers() };
      groups.set(key, group);
      group.members.push(message);
      clearTimeout(group.timer);
      group.timer = setTimeout(() => {
        groups.delete(key);
        group.complete.resolve(group.members.sort((a, b) => a.message_id - b.message_id));
      }, gatherMs);
      return { isFirst: !known, complete: group.complete.promise };
    },
  };
}
