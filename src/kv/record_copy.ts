/**
 * A copy of a state file that is in use, record by record, as SQLite's `VACUUM INTO` makes one: Deno has that for programs
 * with all permissions only. A copy of the pages (`backup()` of node:sqlite) would keep what was deleted, which people were
 * told is gone: SQLite leaves it in the pages that it frees.
 */
import { DatabaseSync } from "node:sqlite";

/**
 * Writes what is committed in the file `from` into the file `to`, which is new: all of it as it stands at one moment. Throws
 * what SQLite says where it cannot, and leaves what it has written.
 */
export function copyRecords(from: string, to: string): void {
  using state = new DatabaseSync(from, { readOnly: true });
  using copy = new DatabaseSync(to);
  // The moment is the first read's, until the end.
  state.exec("begin");
  // A journal on the disk would be left beside the copy by a kill.
  copy.exec("pragma journal_mode = memory; begin");
  const parts = state.prepare(
    "select type, name, sql from sqlite_schema where sql is not null order by type = 'table' desc",
  ).all();
  for (const { type, name, sql } of parts) {
    copy.exec(String(sql));
    if (type === "table") copyTable(state, copy, String(name));
  }
  copy.exec("commit");
}

function copyTable(from: DatabaseSync, to: DatabaseSync, name: string): void {
  const records = from.prepare(`select * from "${name}"`);
  records.setReadBigInts(true);
  const insert = to.prepare(
    `insert into "${name}" values (${records.columns().map(() => "?")})`,
  );
  for (const record of records.iterate()) insert.run(...Object.values(record));
}
