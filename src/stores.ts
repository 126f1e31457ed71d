/**
 * The stores that the configuration asks for: the state in DATA_DIR or in PostgreSQL, pictures in DATA_DIR or in a bucket, the history
 * in PostgreSQL or nowhere. Owns that
 * nothing is loaded for those who use DATA_DIR. Does not know what is stored.
 */
import { type Config } from "./config/mod.ts";
import { type FileStore, openFileStore } from "./images/mod.ts";
import { type StoredUpdate } from "./jobs/mod.ts";
import {
  backUpDaily,
  type KeyValueStore,
  openForReading,
  openState,
  type PurgeOptions,
  purgeUser,
} from "./kv/mod.ts";
import { type JobHistory } from "./postgres/mod.ts";

/** The state, for this process alone. */
export interface OpenedState extends AsyncDisposable {
  readonly kv: KeyValueStore;
  /** Rejects with StateError when another process has taken over; never where that cannot be. */
  readonly lost: Promise<never>;
  /** Writes the backup of today, where the state is a file: see backUpDaily. */
  readonly backUp: (
    options: { readonly keep: number; readonly now: number },
  ) => Promise<string | undefined>;
  /** Takes a user who is forgotten out of the files and their backups, where the state is a file: see purgeUser. */
  readonly purge: <U extends StoredUpdate>(options: PurgeOptions<U>) => Promise<void>;
}

/** Throws as openState and openSharedState do; `onStandby` and `signal` are theirs. */
export async function openStateOf(
  { paths: { dataDir }, state: { url } }: Config,
  options: { readonly onStandby: () => void; readonly signal: AbortSignal },
): Promise<OpenedState> {
  if (url === undefined) {
    const state = await openState(dataDir);
    return {
      kv: state.kv,
      lost: new Promise(() => {}),
      backUp: (options) => backUpDaily(dataDir, options),
      purge: (options) => purgeUser(dataDir, options),
      async [Symbol.asyncDispose]() {
        await Promise.resolve(state[Symbol.dispose]());
      },
    };
  }
  const { openSharedState } = await import("./postgres/mod.ts");
  const state = await openSharedState({ url: url.reveal(), ...options });
  return {
    ...state,
    backUp: () => Promise.resolve(undefined),
    purge: () => Promise.resolve(),
  };
}

/** The state for reading, while the bot may be running. Throws StateError and StorageAwayError where it cannot be read. */
export async function openStateForReading(
  { paths: { dataDir }, state: { url } }: Config,
): Promise<{ readonly kv: KeyValueStore } & (Disposable | AsyncDisposable)> {
  if (url === undefined) return await openForReading(dataDir);
  const { openSharedForReading } = await import("./postgres/mod.ts");
  return openSharedForReading(url.reveal());
}

/** The history of jobs; undefined where none is kept. A server that is away is noticed when it is asked. */
export async function openHistoryOf(
  { history: { url } }: Config,
): Promise<JobHistory | undefined> {
  if (url === undefined) return undefined;
  const { openHistory } = await import("./postgres/mod.ts");
  return openHistory(url.reveal());
}

/** Throws what the system says of DATA_DIR; a bucket is asked when it is used. */
export async function openPicturesOf(
  { paths, storage: { bucket } }: Config,
): Promise<FileStore> {
  const disk = await openFileStore(paths.dataDir);
  if (bucket === undefined) return disk;
  const { createBucketFileStore, openBucket } = await import("./s3/mod.ts");
  return createBucketFileStore(openBucket(bucket), disk);
}
