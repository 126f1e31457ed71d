/**
 * Access: users and groups, each with a role. Owns the rules: deny by default, a user without a role waits for an admin. Does not know
 * how records are stored: that is an AccessStore's.
 */
import { z } from "zod";

/** The role of a user or a group. A group is `user` or `blocked`. */
export const Role = z.enum(["admin", "user", "blocked"]);
export type Role = z.infer<typeof Role>;

/** What is known of a person (id above 0) or a group (below 0) that has asked for access or got it. Version 1. */
export const Guest = z.object({
  v: z.literal(1),
  id: z.number(),
  /** As Telegram showed it when access was asked for. */
  name: z.string(),
  /** Absent while nobody has decided. */
  role: Role.optional(),
  /** Milliseconds since 1970, of the request or of the last decision. */
  at: z.number(),
  /** Who decided. */
  by: z.number().optional(),
  /** The language that it is told the decision in. */
  language: z.string(),
});
export type Guest = Readonly<z.infer<typeof Guest>>;

/** Where guests are kept. */
export interface AccessStore {
  get(id: number): Promise<Guest | undefined>;
  put(guest: Guest): Promise<void>;
  remove(id: number): Promise<void>;
  list(): Promise<readonly Guest[]>;
}

/** What an update's sender may do where it was sent. */
export type AccessLevel =
  | { readonly type: "admin" | "user" }
  /** Nobody has let them in; `asked` when they wait for an answer. */
  | { readonly type: "stranger"; readonly asked: boolean }
  | { readonly type: "blocked" };

export interface Access {
  /** A person's standing in their private chat or, with the group's id, in a group; nobody's in anybody else's chat. */
  levelOf(userId: number, chatId: number): Promise<AccessLevel>;
  isAdmin(userId: number): Promise<boolean>;
  /** Everybody who is told what only admins need to know. */
  admins(): Promise<readonly number[]>;
  /** Notes that somebody asks to be let in; false where they have asked already. */
  ask(guest: Pick<Guest, "id" | "name" | "language">): Promise<boolean>;
  /** Gives a role, or takes it away with undefined; gives the record before, or undefined where nobody has that id. */
  decide(id: number, role: Role | undefined, by: number): Promise<Guest | undefined>;
  /** A group has another id from now on: its role goes with it, also one that the configuration gives. */
  move(from: number, to: number): Promise<void>;
  /** Who has asked or was decided on, the latest first. */
  guests(): Promise<readonly Guest[]>;
}

/** The owner's rules, from .env and config.yaml. */
export interface AccessRules {
  /** Admins by the configuration: nobody takes their role. */
  readonly adminIds: readonly number[];
  /** `open` lets everybody in. */
  readonly mode: "approve" | "open";
  /** Users and groups that are let in without asking. */
  readonly allow: readonly number[];
}

/** `rules` is asked each time, so that a reload is in force at once. */
export function createAccess(
  store: AccessStore,
  { rules, now }: { readonly rules: () => AccessRules; readonly now: () => number },
): Access {
  const isOwner = (id: number) => rules().adminIds.includes(id);

  async function roleOf(id: number): Promise<Role | undefined> {
    if (isOwner(id)) return "admin";
    const role = (await store.get(id))?.role;
    if (role) return role;
    const { mode, allow } = rules();
    return mode === "open" || allow.includes(id) ? "user" : undefined;
  }

  return {
    async levelOf(userId, chatId) {
      // A private chat has its person's id. Telegram sends nobody else's words from it; a proxy might, or a mistake of ours,
      // and the answer would go to somebody who has not asked.
      if (chatId > 0 && chatId !== userId) return { type: "blocked" };
      const person = await roleOf(userId);
      if (person === "admin" || person === "blocked") return { type: person };
      // Only a group lets its members in: a private chat is its person's alone.
      const role = chatId > 0 ? person : await roleOf(chatId);
      if (role === "user" || role === "admin") return { type: "user" };
      if (role === "blocked") return { type: "blocked" };
      return { type: "stranger", asked: (await store.get(chatId)) !== undefined };
    },
    isAdmin: async (userId) => await roleOf(userId) === "admin",
    async admins() {
      const appointed = (await store.list()).filter(({ role }) => role === "admin");
      return [...new Set([...rules().adminIds, ...appointed.map(({ id }) => id)])];
    },
    async ask(guest) {
      if (await store.get(guest.id)) return false;
      await store.put({ v: 1, ...guest, at: now() });
      return true;
    },
    async decide(id, role, by) {
      const guest = await store.get(id);
      if (!guest || isOwner(id)) return undefined;
      if (role === undefined) await store.remove(id);
      else await store.put({ ...guest, role, by, at: now() });
      return guest;
    },
    async move(from, to) {
      const guest = await store.get(from);
      const known = await store.get(to);
      // Somebody may have decided on the new id already.
      if (known?.role === undefined) {
        const role = guest?.role ?? (rules().allow.includes(from) ? "user" : undefined);
        const base = guest ?? { v: 1, name: String(to), at: now(), language: "en" };
        if (guest || role) {
          await store.put({ ...base, v: 1, id: to, ...(role === undefined ? {} : { role }) });
        }
      }
      if (guest) await store.remove(from);
    },
    async guests() {
      return [...await store.list()].sort((a, b) => b.at - a.at);
    },
  };
}
