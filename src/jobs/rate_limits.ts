/** How many jobs one user may have: pending, per hour, per day. Owns which limit is reached; knows no store. */
import type { JobStore } from "./job_store.ts";

/** What a user's jobs are counted over. */
export type LimitSpan = "pending" | "hour" | "day";

/** Most jobs of one user; absent means no limit. */
export type UserLimits = Readonly<Partial<Record<LimitSpan, number>>>;

/** The limit that more jobs would exceed. */
export interface LimitReached {
  readonly per: LimitSpan;
  readonly max: number;
}

const spanMs = { hour: 3_600_000, day: 86_400_000 } as const;

/** The limit that `more` jobs of the user would exceed; undefined if none. */
export async function limitReached(
  limits: UserLimits,
  jobs: {
    readonly more: number;
    readonly pending: number;
    readonly countSince: (since: number, max: number) => ReturnType<JobStore["countSince"]>;
    /** Milliseconds since 1970. */
    readonly now: number;
  },
): Promise<LimitReached | undefined> {
  if (limits.pending !== undefined && jobs.pending + jobs.more > limits.pending) {
    return { per: "pending", max: limits.pending };
  }
  for (const per of ["hour", "day"] as const) {
    const max = limits[per];
    if (max === undefined) continue;
    const made = await jobs.countSince(jobs.now - spanMs[per], max);
    if (made + jobs.more > max) return { per, max };
  }
  return undefined;
}
