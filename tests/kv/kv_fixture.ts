/** A state for a test, opened and opened again: a file of Deno KV in a folder, or a database of PostgreSQL. */
import { postgresOfFile } from "../../lab/servers/postgres.ts";
import { type KeyValueStore } from "../../src/kv/key_value.ts";
import { openState } from "../../src/kv/open.ts";
import { openSharedState } from "../../src/postgres/mod.ts";

/** Gives a folder that is gone afterwards. */
export async function withFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Gives an open KV; it is another handle on the same file each time where `dir` is the same. */
export async function withKv<T>(dir: string, use: (kv: Deno.Kv) => Promise<T>): Promise<T> {
  using state = await openState(dir);
  return await use(state.kv);
}

/** Opens the same state anew at each call, uses it, and closes it. */
export type OpenState = <T>(use: (kv: KeyValueStore) => Promise<T>) => Promise<T>;

/** Registers a test for each kind of state there is; each gets an empty one of its own. */
export function testState(name: string, use: (open: OpenState) => Promise<void>): void {
  Deno.test(name, () => withFolder((dir) => use((useKv) => withKv(dir, useKv))));
  Deno.test(`${name}, in PostgreSQL`, { ignore: postgres === undefined }, async () => {
    const url = await postgres!.database();
    const { signal } = new AbortController();
    await use(async (useKv) => {
      await using state = await openSharedState({ url, onStandby() {}, signal });
      return await useKv(state.kv);
    });
  });
}

/**
 * Handles something in a process that dies after 0, 1, 2 … writes, until one lives; then again, as the next process does, for a kill may
 * have come before it was noted that it is handled. Each begins with what `before` makes, and ends with `after`. Gives how many
 * writes it is.
 */
export async function killAtEachWrite<T>(
  kv: KeyValueStore,
  { open, before, handle, after }: {
    readonly open: (kv: KeyValueStore) => T;
    readonly before: (parts: Awaited<T>) => Promise<unknown>;
    readonly handle: (parts: Awaited<T>) => Promise<unknown>;
    readonly after: (parts: Awaited<T>) => Promise<unknown>;
  },
): Promise<number> {
  for (let writes = 0;; writes++) {
    await before(await open(kv));
    const dies = await handle(await open(dying(kv, writes))).then(() => false, (error) => {
      if (error instanceof Killed) return true;
      throw error;
    });
    await handle(await open(kv));
    await after(await open(kv));
    if (!dies) return writes;
  }
}

class Killed extends Error {}

/** The same records, to a process that dies after so many writes. */
function dying(kv: KeyValueStore, writes: number): KeyValueStore {
  let left = writes;
  return {
    get: (key) => kv.get(key),
    getMany: kv.getMany.bind(kv),
    list: (...args) => kv.list(...args),
    delete: (key) => left-- > 0 ? kv.delete(key) : Promise.reject(new Killed()),
    atomic() {
      const write = kv.atomic();
      const commit = write.commit.bind(write);
      write.commit = () => left-- > 0 ? commit() : Promise.reject(new Killed());
      return write;
    },
  };
}

/** One server for all tests of a file. */
const postgres = await postgresOfFile();
