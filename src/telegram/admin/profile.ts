/**
 * The bot's profile: descriptions and the menus of commands, in each language; English for all the rest. Owns that what the owner
 * has set stays: something is set where there is nothing, or what was set here before. Admins have more commands in theirs, always.
 */
import type { Api } from "grammy";
import { textIn } from "../../i18n/mod.ts";
import { type Language, languages } from "../../lib/mod.ts";
import { type Access, type BotProfileStore } from "../../users/mod.ts";

/** One thing of the profile, in one language. */
interface Item {
  /** By this the record knows it. */
  readonly key: string;
  /** Where one of these is the owner's, this stays as it is: it would take their place. */
  readonly above: readonly string[];
  /** A description, or the names and descriptions of commands. */
  readonly wanted: string;
  /** What Telegram has; empty for nothing. */
  read(): Promise<string>;
  write(): Promise<unknown>;
}

interface MenuEntry {
  readonly command: string;
  readonly description: string;
}

/** Sets what is missing of it. Rejects where Telegram does not answer or accept something. */
export async function publishProfile(
  api: Api,
  store: BotProfileStore,
  access: Pick<Access, "admins">,
): Promise<void> {
  const before = (await store.load())?.set ?? {};
  const set: Record<string, string> = { ...before };
  const ofOwner = new Set<string>();
  try {
    for (const { key, above, wanted, read, write } of items(api)) {
      if (above.some((other) => ofOwner.has(other))) continue;
      const there = await read();
      // A language without a text of its own has the common one.
      const ours = [key, ...above].flatMap((other) => [before[other], set[other]]);
      const isOurs = there === "" || there === wanted || ours.includes(there) ||
        before[key] === undefined && isFormerMenu(there);
      if (isOurs) {
        await write();
        set[key] = wanted;
      } else ofOwner.add(key);
    }
  } finally {
    await store.save({ v: 1, set });
  }
  for (const admin of await access.admins()) await publishRole(api, admin, { isAdmin: true });
}

/** The common ones first. */
function items(api: Api): readonly Item[] {
  return lists().flatMap(({ language, code, list, profile }): Item[] => {
    const item = (what: string, ...others: readonly string[]) => ({
      key: `${what}:${language}`,
      above: [what, ...others].map((each) => `${each}:${languages[0]}`),
    });
    return [
      {
        ...item("description"),
        wanted: profile.description,
        read: async () => (await api.getMyDescription(code)).description,
        write: () => api.setMyDescription(profile.description, code),
      },
      {
        ...item("short_description"),
        wanted: profile.short,
        read: async () => (await api.getMyShortDescription(code)).short_description,
        write: () => api.setMyShortDescription(profile.short, code),
      },
      {
        ...item("commands"),
        wanted: written(list),
        read: async () => written(await api.getMyCommands(code)),
        write: () => api.setMyCommands(list, code),
      },
      groupMenu(api, list, code, item("group_commands", "commands")),
    ];
  });
}

/** In groups only the user who asks sees the answer; `/new` begins something that all may see. */
function groupMenu(
  api: Api,
  list: readonly MenuEntry[],
  code: { readonly language_code?: Code },
  item: Pick<Item, "key" | "above">,
): Item {
  const scope = { type: "all_group_chats" } as const;
  const entries = list.map((entry) => ({ ...entry, is_ephemeral: entry.command !== "new" }));
  return {
    ...item,
    wanted: written(list),
    read: async () => written(await api.getMyCommands({ ...code, scope })),
    // Also where it is there: a server may have learned since what is ephemeral.
    write: () => api.setMyCommands(entries, { ...code, scope }),
  };
}

/** A menu as a text; older servers give no more of it. */
function written(menu: readonly MenuEntry[]): string {
  return menu.map(({ command, description }) => `/${command} ${description}`).join("\n");
}

/** True for a menu that a version without a record may have set: it has no command that is not the bot's. */
function isFormerMenu(there: string): boolean {
  const { commands, adminCommands } = textIn(languages[0]);
  const lines = there.split("\n").map((line) => /^\/(\w+) /.exec(line)?.[1] ?? "");
  return lines.every((name) => Object.hasOwn({ ...commands, ...adminCommands }, name));
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
function entriesOf(sentences: Readonly<Record<string, string>>): readonly MenuEntry[] {
  return Object.entries(sentences).map(([command, description]) => ({ command, description }));
}

type Code = Exclude<Language, "en">;

function lists() {
  return languages.map((language) => {
    const { commands, adminCommands, profile } = textIn(language);
    const code: { readonly language_code?: Code } = language === "en"
      ? {}
      : { language_code: language };
    return {
      language,
      list: entriesOf(commands),
      more: entriesOf(adminCommands),
      profile,
      code,
    };
  });
}
