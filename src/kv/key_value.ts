/**
 * The ordered key-value store that the stores of this room are written over: the part of Deno KV's own interface that they use. Deno KV
 * is one; a table in PostgreSQL is another (postgres/key_value.ts). Keys sort part by part, strings before numbers; values are what JSON
 * can say, and Uint8Array.
 */
export type RecordKey = Deno.KvKey;
/** `versionstamp` is another one each time that the record is written; null with a null value where there is none. */
export type KeyValueEntry = Deno.KvEntryMaybe<unknown>;
export type FoundEntry = Deno.KvEntry<unknown>;
/** A record as it was read: what of it must not have changed. */
export type RecordCheck = Deno.AtomicCheck;

export interface KeyValueStore {
  get(key: RecordKey): Promise<KeyValueEntry>;
  /** In the order of the keys, as of one moment. */
  getMany: Deno.Kv["getMany"];
  /** Records whose key begins with the prefix, in order of keys, the first of them at `start` or after it. */
  list(
    selector: { readonly prefix: RecordKey; readonly start?: RecordKey },
    options?: { readonly limit?: number; readonly batchSize?: number },
  ): AsyncIterable<FoundEntry>;
  delete(key: RecordKey): Promise<void>;
  atomic(): AtomicWrite;
}

/** Changes that are made all at once or not at all. */
export interface AtomicWrite {
  /** Nothing is changed where one of the records has changed since it was read. */
  check(...checks: readonly RecordCheck[]): AtomicWrite;
  set(key: RecordKey, value: unknown): AtomicWrite;
  delete(key: RecordKey): AtomicWrite;
  /** `ok` is false where a check did not hold. */
  commit(): Promise<{ readonly ok: boolean }>;
}
