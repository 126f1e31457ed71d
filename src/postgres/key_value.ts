/** The ordered key-value store in a table of PostgreSQL. Owns the queries. See kv/key_value.ts for what it promises. */
// @ts-types="./pg.d.ts"
import pg from "pg";
import {
  type AtomicWrite,
  type FoundEntry,
  type KeyValueEntry,
  type KeyValueStore,
  type RecordCheck,
  type RecordKey,
} from "../kv/mod.ts";
import { ask, type Database } from "./database.ts";
import { decodeKey, decodeValue, encodeKey, encodeValue, endOf } from "./key_codec.ts";
import { notActive, takenOver } from "./schema.ts";

interface Row {
  readonly key: string;
  /** JSON. */
  readonly value: string;
  readonly version: string;
}

const columns = "key::text, value::text as value, version::text as version";
const defaultBatchSize = 500;

/** `epoch` is the number of this process among those that were active; its commits fail once another is. */
export function createPostgresStore(database: Database, epoch: string): KeyValueStore {
  const query = async (text: string, values: unknown[]) =>
    (await ask(() => database.query<Row>(text, values))).rows;

  async function getMany(keys: readonly RecordKey[]): Promise<KeyValueEntry[]> {
    const wanted = keys.map(encodeKey);
    const rows = await query(
      `select ${columns} from image_edit_bot.records where key = any ($1::bytea[])`,
      [wanted],
    );
    const found = new Map(rows.map((row) => [row.key, entryOf(row)]));
    return keys.map((key, i) => found.get(wanted[i]!) ?? { key, value: null, versionstamp: null });
  }

  async function* list(
    { prefix, start }: Parameters<KeyValueStore["list"]>[0],
    { limit = Infinity, batchSize = defaultBatchSize }: Parameters<KeyValueStore["list"]>[1] = {},
  ): AsyncGenerator<FoundEntry, void, void> {
    const begin = encodeKey(prefix);
    const end = endOf(begin);
    let from = start === undefined ? begin : encodeKey(start);
    let isAfter = start === undefined; // the prefix itself is no record of the list
    for (let left = limit; left > 0;) {
      const size = Math.min(batchSize, left);
      const rows = await query(
        `select ${columns} from image_edit_bot.records
         where key ${
          isAfter ? ">" : ">="
        } $1::bytea and key < $2::bytea order by records.key limit $3`,
        [from, end, size],
      );
      for (const row of rows) yield entryOf(row);
      if (rows.length < size) return;
      left -= rows.length;
      from = rows.at(-1)!.key;
      isAfter = true;
    }
  }

  function atomic(): AtomicWrite {
    const checks: RecordCheck[] = [];
    /** JSON by key, undefined where the record goes: the last change of it counts. */
    const changes = new Map<string, string | undefined>();
    const write: AtomicWrite = {
      check(...more) {
        checks.push(...more);
        return write;
      },
      set(key, value) {
        changes.set(encodeKey(key), encodeValue(value));
        return write;
      },
      delete(key) {
        changes.set(encodeKey(key), undefined);
        return write;
      },
      async commit() {
        const written = [...changes].filter(([, json]) => json !== undefined);
        const deleted = [...changes].filter(([, json]) => json === undefined);
        try {
          const { rows } = await ask(() =>
            database.query<{ version: string | null }>(
              "select image_edit_bot.commit_records($1, $2::bytea[], $3, $4::bytea[], $5, $6::bytea[])::text as version",
              [
                epoch,
                checks.map(({ key }) => encodeKey(key)),
                checks.map(({ versionstamp }) => versionstamp ?? "0"),
                written.map(([key]) => key),
                written.map(([, json]) => json),
                deleted.map(([key]) => key),
              ],
            )
          );
          return { ok: rows[0]!.version !== null };
        } catch (error) {
          if (!(error instanceof pg.DatabaseError) || error.code !== notActive) throw error;
          throw takenOver();
        }
      },
    };
    return write;
  }

  return {
    get: async (key) => (await getMany([key]))[0]!,
    // deno-lint-ignore no-explicit-any -- its type says what comes for which key, which only a caller knows
    getMany: getMany as any,
    list,
    async delete(key) {
      await atomic().delete(key).commit();
    },
    atomic,
  };
}

function entryOf({ key, value, version }: Row): FoundEntry {
  return { key: decodeKey(key), value: decodeValue(value), versionstamp: version };
}
