/** A group that becomes a supergroup: another chat with another id, and a service message in each of the two. */

import type { Chat, User } from "grammy/types";
import { deliverAll, post, type World } from "../world.ts";
import type { ChatState } from "./chats.ts";

/** GroupAnonymousBot: the service message in the new group is from nobody in particular. */
const ANONYMOUS: User = {
  id: 1_087_968_824,
  is_bot: true,
  first_name: "Group",
  username: "GroupAnonymousBot",
};

/** Makes a supergroup with the id `to` of the group; its members go with it, its messages and topics do not. */
export function migrate(
  world: World,
  from: ChatState,
  to: number,
  { silently = false }: { readonly silently?: boolean } = {},
): Chat.SupergroupChat {
  const title = "title" in from.chat ? from.chat.title ?? "" : "";
  const { botIsAdmin } = from;
  const group = world.chats.group({ id: to, title, forum: false, botIsAdmin });
  for (const [id, member] of from.members) group.members.set(id, member);
  from.migratedTo = to;
  if (!silently) {
    const [admin] = from.members.values();
    const old = post(world, from, admin?.user ?? ANONYMOUS, { migrate_to_chat_id: to });
    const fresh = post(world, group, ANONYMOUS, {
      sender_chat: group.chat,
      migrate_from_chat_id: from.chat.id,
    });
    deliverAll(world, old, fresh);
  }
  return group.chat;
}
