/** The tables, as a list of migrations: each is run once, in order, and never changed afterwards. */
import { StateError } from "../lib/mod.ts";
import { ask, type Database } from "./database.ts";

/**
 * `record_version` numbers the commits; a record has the number of the commit that wrote it. `leader` counts the processes that became
 * active: a commit of an earlier one is refused.
 */
const migrations: readonly string[] = [
  `
  create table image_edit_bot.records (key bytea primary key, value json not null, version bigint not null);
  create sequence image_edit_bot.record_version;
  create table image_edit_bot.leader (epoch bigint not null);
  insert into image_edit_bot.leader values (0);

  -- All or nothing, one commit at a time: null where a check does not hold. 0 stands for a record that is not there.
  create function image_edit_bot.commit_records(
    my_epoch bigint, check_keys bytea[], check_versions bigint[],
    set_keys bytea[], set_values text[], delete_keys bytea[]
  ) returns bigint language plpgsql as $$
  declare
    new_version bigint;
  begin
    perform pg_advisory_xact_lock(hashtext('image_edit_bot.commit'));
    if (select epoch from image_edit_bot.leader) <> my_epoch then
      raise exception 'another process is active' using errcode = 'IE001';
    end if;
    if exists (
      select from unnest(check_keys, check_versions) wanted (key, version)
      left join image_edit_bot.records on records.key = wanted.key
      where coalesce(records.version, 0) <> wanted.version
    ) then
      return null;
    end if;
    new_version := nextval('image_edit_bot.record_version');
    delete from image_edit_bot.records where key = any (delete_keys);
    insert into image_edit_bot.records
      select key, value::json, new_version from unnest(set_keys, set_values) written (key, value)
      on conflict (key) do update set value = excluded.value, version = excluded.version;
    return new_version;
  end $$;
  `,
];

/** SQLSTATE of a commit by a process that is not the active one any more. */
export const notActive = "IE001";

/** What is thrown then. 75 (`EX_TEMPFAIL`) has systemd start this process again, as a standby. */
export function takenOver(): StateError {
  return new StateError(
    "Cannot go on with the state in PostgreSQL: another process has taken over (wanted one active process)",
    75,
  );
}

/** Tables of the state and of the history, each in a schema of its own. */
export interface Schema {
  readonly name: string;
  readonly migrations: readonly string[];
  /** What is there, for messages. */
  readonly what: string;
}

export const stateSchema: Schema = { name: "image_edit_bot", migrations, what: "state" };

/** Brings the tables up to date. Throws StateError (65) where a newer program made them. `where` is for the message. */
export async function migrate(
  database: Database,
  { name, migrations, what }: Schema,
  where: string,
): Promise<void> {
  const client = await ask(() => database.connect(), what);
  try {
    await ask(async () => {
      await client.query("begin");
      await client.query(`select pg_advisory_xact_lock(hashtext('${name}.migrate'))`);
      await client.query(`create schema if not exists ${name}`);
      await client.query(`create table if not exists ${name}.migrations (number int primary key)`);
      const { rows } = await client.query<{ number: number }>(
        `select coalesce(max(number), 0) as number from ${name}.migrations`,
      );
      const done = rows[0]!.number;
      if (done > migrations.length) {
        throw new StateError(
          `Cannot use ${where}: it was written by a newer version of image-edit-bot ` +
            `(schema ${done}, wanted at most ${migrations.length})`,
          65,
        );
      }
      for (const [i, sql] of migrations.entries()) {
        if (i < done) continue;
        await client.query(sql);
        await client.query(`insert into ${name}.migrations values ($1)`, [i + 1]);
      }
      await client.query("commit");
    }, what);
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
