/**
 * Previews: the picture of a running job as it forms, for those who want to see it. Owns the latest one of each job and when
 * the next one is due; everything else has priority over them. Knows no message.
 */
import { inspectImage } from "../../images/mod.ts";
import { type Job } from "../../jobs/mod.ts";
import { type Settings } from "../../users/mod.ts";
import { type PictureBytes } from "../../worker/mod.ts";

export interface PreviewDeps {
  readonly settings: Pick<Settings, "user">;
  readonly now: () => number;
}

export interface Previews {
  /** Takes in the picture as it is now; one that is not fit to be shown is dropped. */
  take(job: Job, picture: PictureBytes): void;
  /** True where pictures of the job would be shown: its user wants them, Telegram takes them. */
  areWanted(job: Job): Promise<boolean>;
  /** True where pictures of the job are to be expected: ComfyUI sends some, its user wants them, Telegram takes them. */
  areExpected(job: Job): Promise<boolean>;
  /** The latest picture of the job, once, where one is expected and it is time to show it. */
  next(job: Job): Promise<PictureBytes | undefined>;
  /** Telegram does not turn a status message into a picture: there are no previews from now on. */
  refuse(): void;
  forget(job: Job): void;
}

/** Least time between two pictures of a job. */
const intervalMs = 3_000;

/** ComfyUI's previews are JPEGs of at most 512 pixels a side, some 30 KB; anything much larger is not sent around. */
const maxBytes = 300_000;

/** Makes the collection; no pictures are expected until the first one comes. */
export function createPreviews({ settings, now }: PreviewDeps): Previews {
  const latest = new Map<string, PictureBytes>();
  const shownAt = new Map<string, number>();
  let come = false;
  let isRefused = false;

  async function areWanted({ origin }: Job): Promise<boolean> {
    return !isRefused && (await settings.user(origin.userId)).preview;
  }

  async function areExpected(job: Job): Promise<boolean> {
    return come && await areWanted(job);
  }

  return {
    areWanted,
    areExpected,
    take({ id }, picture) {
      if (isRefused) return;
      const limits = { maxBytes, maxRatio: 20, allowedFormats: ["jpeg", "png"] } as const;
      if (!inspectImage(picture.bytes, limits).ok) return;
      come = true;
      latest.set(id, picture);
    },
    async next(job) {
      const isDue = now() - (shownAt.get(job.id) ?? 0) >= intervalMs;
      if (!latest.has(job.id) || !isDue || !await areExpected(job)) return undefined;
      const picture = latest.get(job.id);
      latest.delete(job.id);
      shownAt.set(job.id, now());
      return picture;
    },
    refuse() {
      isRefused = true;
      latest.clear();
    },
    forget({ id }) {
      latest.delete(id);
      shownAt.delete(id);
    },
  };
}
