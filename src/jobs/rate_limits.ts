/** How many jobs one person may have: under way, in an hour, in a day. */
import type { JobStore } from "./job_store.ts";

/** What a person's jobs are counted over. */
export type LimitSpan = "pending" | "hour" | "day";

/** How many jobs one person may have; what is absent has no limit. */
export type UserLimits = Readonly<Partial<Record<LimitSpan, number>>>;

/** The limit that stands in the way of one more job. */
export interface LimitReached {
  readonly per: LimitSpan;
  readonly max: number;
}

const spanMs = { hour: 3_600_000, day: 86_400_000 } as const;

/** The limit that one more job of a person would break; undefined where it breaks none. */
export async function limitReached(
  limits: UserLimits,
  jobs: {
    readonly pending: number;
    readonly countSince: (since: number, max: number) => ReturnType<JobStore["countSince"]>;
    /** Milliseconds since 1970. */
    readonly now: number;
  },
): Promise<LimitReached | undefined> {
  if (limits.pending !== undefined && jobs.pending >= limits.pending) {
    return { per: "pending", max: limits.pending };
  }
  for (const per of ["hour", "day"] as const) {
    const max = limits[per];
    if (max === undefined) continue;
    if (await jobs.countSince(jobs.now - spanMs[per], max) >= max) return { per, max };
  }
  return undefined;
}
