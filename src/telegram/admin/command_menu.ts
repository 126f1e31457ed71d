/** Telegram's own menu of commands, in each language; English for all the rest. Admins have more in theirs. */
import type { Api } from "grammy";
import { textIn } from "../../i18n/mod.ts";
import { languages } from "../../lib/mod.ts";
import { type Access } from "../../users/mod.ts";

/** Publishes the command menus. Rejects where Telegram does not accept the common ones. */
export async function publishCommands(api: Api, access: Pick<Access, "admins">): Promise<void> {
  for (const { list, code } of lists()) {
    await api.setMyCommands(list, code);
    // In groups only the user who asks sees the answer; `/new` begins something that all may see.
    await api.setMyCommands(
      list.map((entry) => ({ ...entry, is_ephemeral: entry.command !== "new" })),
      { ...code, scope: { type: "all_group_chats" } },
    );
  }
  for (const admin of await access.admins()) await publishRole(api, admin, { isAdmin: true });
}

/** Shows one user an admin's commands, or the common ones. A user who has no chat with the bot yet is skipped. */
export async function publishRole(
  api: Api,
  userId: number,
  { isAdmin }: { readonly isAdmin: boolean },
): Promise<void> {
  const scope = { type: "chat", chat_id: userId } as const;
  for (const { list, more, code } of lists()) {
    const publishing = isAdmin
      ? api.setMyCommands([...list, ...more], { ...code, scope })
      : api.deleteMyCommands({ ...code, scope });
    await publishing.catch(() => {});
  }
}

/** Telegram's form of a list of commands, in the order of the texts. */
function entriesOf(sentences: Readonly<Record<string, string>>) {
  return Object.entries(sentences).map(([command, description]) => ({ command, description }));
}

function lists() {
  return languages.map((language) => {
    const { commands, adminCommands } = textIn(language);
    return {
      list: entriesOf(commands),
      more: entriesOf(adminCommands),
      code: language === "en" ? {} : { language_code: language },
    };
  });
}
