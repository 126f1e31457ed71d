/**
 * Access: users and groups, each with a role. Owns the rules: deny by default, a user without a role waits for an admin. Does not know
 * how records are stored: that is an AccessStore's.
 */
import { z } from "zod";

/** The role of a user or a group. A group is `user` or `blocked`. */
export const Role = z.enum(["admin", "user", "blocked"]);
export type Role = z.infer<typeof Role>;

/** A user (id above 0) or a group (below 0) that has requested access or has it. Version 1. */
export const Guest = z.object({
  v: z.literal(1),
  id: z.number(),
  /** As Telegram showed it when access was requested. */
  name: z.string(),
  /** Absent while the request is open. */
  role: Role.optional(),
  /** Milliseconds since 1970, of the request or of the last decision. */
  at: z.number(),
  /** The admin who decided. */
  by: z.number().optional(),
  /** The language of the message with the decision. */
  language: z.string(),
});
export type Guest = Readonly<z.infer<typeof Guest>>;

/** Stores guests. */
export interface AccessStore {
  get(id: number): Promise<Guest | undefined>;
  put(guest: Guest): Promise<void>;
  remove(id: number): Promise<void>;
  list(): Promise<readonly Guest[]>;
}

/** What an update's sender may do where it was sent. */
export type AccessLevel =
  | { readonly type: "admin" | "user" }
  /** Without access; `asked`: the request is open. */
  | { readonly type: "stranger"; readonly asked: boolean }
  | { readonly type: "blocked" };

export interface Access {
  /** A user's level in their private chat or, with the group's id, in a group; `blocked` in another user's private chat. */
  levelOf(userId: number, chatId: number): Promise<AccessLevel>;
  isAdmin(userId: number): Promise<boolean>;
  /** The ids of all admins, for notices. */
  admins(): Promise<readonly number[]>;
  /** Stores a request for access; false if there is one already. */
  ask(guest: Pick<Guest, "id" | "name" | "language">): Promise<boolean>;
  /**
   * Sets a role, or removes it with undefined; false for an unknown id or an owner. `tell` has the record as it was, before another role
   * is stored: a kill in between has it told twice, not never.
   */
  decide(
    id: number,
    role: Role | undefined,
    by: number,
    tell?: (guest: Guest) => Promise<void>,
  ): Promise<boolean>;
  /** Moves a group's role to its new id, including a role from the configuration. */
  move(from: number, to: number): Promise<void>;
  /** All guests, the latest first. */
  guests(): Promise<readonly Guest[]>;
}

/** The owner's rules, from .env and config.yaml. */
export interface AccessRules {
  /** Admins by the configuration; no admin can remove their role. */
  readonly adminIds: readonly number[];
  /** `open`: every user and group has access. */
  readonly mode: "approve" | "open";
  /** Users and groups with access without a request. */
  readonly allow: readonly number[];
}

/** `rules` is called each time, so that a reload takes effect at once. */
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
      // A private chat has its user's id. Telegram sends no other user's messages from it; a proxy or a bug of ours might, and
      // the answer would go to the wrong user.
      if (chatId > 0 && chatId !== userId) return { type: "blocked" };
      const own = await roleOf(userId);
      if (own === "admin" || own === "blocked") return { type: own };
      // A group's role counts for its members; a private chat has one user.
      const role = chatId > 0 ? own : await roleOf(chatId);
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
    async decide(id, role, by, tell) {
      const guest = await store.get(id);
      if (!guest || isOwner(id)) return false;
      if (guest.role !== role) await tell?.(guest);
      if (role === undefined) await store.remove(id);
      else await store.put({ ...guest, role, by, at: now() });
      return true;
    },
    async move(from, to) {
      const guest = await store.get(from);
      const known = await store.get(to);
      // An admin may have decided on the new id already.
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
