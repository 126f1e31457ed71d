/**
 * What the buttons of the admins' panel say: `m:` and an act. Owns the spelling; who may press is panel.ts's.
 */

/** What a press asks for. */
export type AdminAction =
  | OneOf<typeof plainActs[number]>
  /** `page` from 0. */
  | { readonly type: "queue"; readonly page: number }
  | OneOf<"job" | "cancel" | "first", { readonly jobId: string }>;

/** A member for each name, so that a switch can tell them apart. */
type OneOf<T, Fields = unknown> = T extends string ? { readonly type: T } & Fields : never;

const plainActs = [
  "home",
  "pause",
  "drain",
  "resume",
  "statistics",
  "backends",
  "unload",
  "reload",
  "log",
  "announce",
  "send",
  "discard",
  "close",
] as const;

/** What the callback data of every button begins with, before a colon. */
export const adminPrefix = "m";

/** A button's callback data: at most 64 bytes while a job's id has at most 16. */
export function writeAdminAction(act: AdminAction): string {
  const argument = "page" in act ? [act.page] : "jobId" in act ? [act.jobId] : [];
  return [adminPrefix, act.type, ...argument].join(":");
}

/** Undefined for what no button says. */
export function readAdminAction(data: string): AdminAction | undefined {
  const [, verb = "", argument = "", ...more] = data.split(":");
  if (more.length > 0) return undefined;
  switch (verb) {
    case "queue":
      return /^\d{1,6}$/.test(argument) ? { type: verb, page: Number(argument) } : undefined;
    case "job":
    case "cancel":
    case "first":
      return /^[a-z0-9]{1,16}$/.test(argument) ? { type: verb, jobId: argument } : undefined;
    default: {
      const type = plainActs.find((known) => known === verb);
      return type && argument === "" ? { type } : undefined;
    }
  }
}
