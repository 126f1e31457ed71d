/**
 * The history in PostgreSQL: jobs that are over, for the owner's own queries. Owns the SQL. A server that is away is a StorageAwayError;
 * every method may be called again.
 */
import { type FinishedJob } from "../jobs/mod.ts";
import { ask, nameOf, openDatabase } from "./database.ts";
import { historySchema } from "./history_schema.ts";
import { migrate } from "./schema.ts";

/** Whose jobs are deleted: those up to that place in the order of arrival, and those that were made before that time. */
export interface ForgottenJobs {
  readonly userId: number;
  readonly lastSeq: number;
  /** Milliseconds since 1970. */
  readonly before: number;
}

/** A span of time, in milliseconds since 1970; `to` is no part of it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What ended within a span, counted as monitoring/daily_stats.ts counts it. */
export interface Ends {
  readonly done: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly runs: number;
  readonly runMs: number;
  readonly waits: number;
  readonly waitMs: number;
}

/** Brings its tables up to date when it is first used; throws StateError where a newer program made them. */
export interface JobHistory extends AsyncDisposable {
  /** Writes them; one that is there already is written over. */
  write(jobs: readonly FinishedJob[]): Promise<void>;
  forget(jobs: ForgottenJobs): Promise<void>;
  /** Deletes the jobs that ended before that time (milliseconds since 1970); gives how many. */
  expire(before: number): Promise<number>;
  /** One item for each span, in their order. */
  ends(spans: readonly Span[]): Promise<readonly Ends[]>;
}

/** What `doctor` wants to know. */
export interface HistoryProbe {
  /** How many there are; undefined where the tables are still to be made. */
  readonly jobs: number | undefined;
  /** Whether this user may make them. */
  readonly mayCreate: boolean;
}

/** Asked by one loop and, at times, by an admin. */
const maxConnections = 2;

const what = historySchema.what;
/** The columns as JSON has them: times in milliseconds. */
const columns = `id text, seq bigint, "userId" bigint, "chatId" bigint, "threadId" bigint,
  "isPrivate" boolean, template text, params jsonb, "promptText" text, pictures int, results int, backend text,
  outcome text, failure text, kept text, "createdAt" float8, "submittedAt" float8, "startedAt" float8,
  "renderedAt" float8, "endedAt" float8, crashes int`;
const time = (name: string) => `to_timestamp("${name}" / 1000)`;
const writeJobs = `
  insert into image_edit_bot_history.finished_jobs as old (id, seq, user_id, chat_id, thread_id, is_private, template,
    params, prompt, pictures, results, backend, outcome, failure, kept, created_at, submitted_at, started_at,
    rendered_at, ended_at, crashes)
  select id, seq, "userId", "chatId", "threadId", "isPrivate", template, params, "promptText", pictures, results,
    backend, outcome, failure, kept, ${time("createdAt")}, ${time("submittedAt")}, ${
  time("startedAt")
},
    ${time("renderedAt")}, ${time("endedAt")}, crashes
  from json_to_recordset($1) as job (${columns})
  on conflict (id) do update set user_id = excluded.user_id, chat_id = excluded.chat_id,
    thread_id = excluded.thread_id, params = excluded.params, prompt = excluded.prompt, results = excluded.results,
    outcome = excluded.outcome, failure = excluded.failure, kept = excluded.kept, ended_at = excluded.ended_at`;
const countEnds = `
  select count(id) filter (where outcome = 'done')::int as done,
    count(id) filter (where outcome = 'failed')::int as failed,
    count(id) filter (where outcome = 'cancelled')::int as cancelled,
    count(run_seconds)::int as runs, coalesce(sum(run_seconds), 0) * 1000 as "runMs",
    count(wait_seconds)::int as waits, coalesce(sum(wait_seconds), 0) * 1000 as "waitMs"
  from unnest($1::float8[], $2::float8[]) with ordinality as span (from_ms, to_ms, place)
  left join image_edit_bot_history.jobs
    on ended_at >= to_timestamp(from_ms / 1000) and ended_at < to_timestamp(to_ms / 1000)
  group by place order by place`;

/** Connects when it is first used. `url` as for the state. */
export function openHistory(url: string): JobHistory {
  const database = openDatabase(url, { max: maxConnections });
  let migrated: Promise<void> | undefined;

  async function query<Row>(text: string, values: readonly unknown[]) {
    migrated ??= migrate(database, historySchema, nameOf(url));
    await migrated.catch((error) => {
      migrated = undefined;
      throw error;
    });
    return await ask(() => database.query<Row>(text, values), what);
  }

  return {
    async write(jobs) {
      // A statement cannot write a row twice.
      const byId = new Map(jobs.map((job) => [job.id, job]));
      await query(writeJobs, [JSON.stringify([...byId.values()], storable)]);
    },
    async forget({ userId, lastSeq, before }) {
      await query(
        `delete from image_edit_bot_history.finished_jobs
         where user_id = $1 and (seq <= $2 or created_at < to_timestamp($3::float8 / 1000))`,
        [userId, lastSeq, before],
      );
    },
    async expire(before) {
      const { rowCount } = await query(
        "delete from image_edit_bot_history.finished_jobs where ended_at < to_timestamp($1::float8 / 1000)",
        [before],
      );
      return rowCount ?? 0;
    },
    async ends(spans) {
      const { rows } = await query<Ends>(countEnds, [
        spans.map(({ from }) => from),
        spans.map(({ to }) => to),
      ]);
      return rows;
    },
    [Symbol.asyncDispose]: () => database.end(),
  };
}

/** Looks without changing anything. Throws as the methods of JobHistory do. */
export async function probeHistory(url: string): Promise<HistoryProbe> {
  const database = openDatabase(url, { max: 1 });
  try {
    return await ask(async () => {
      const { rows: [found] } = await database.query<{ isThere: boolean; mayCreate: boolean }>(
        `select to_regclass('image_edit_bot_history.jobs') is not null as "isThere",
           has_database_privilege(current_database(), 'CREATE') as "mayCreate"`,
      );
      const { isThere, mayCreate } = found!;
      if (!isThere) return { jobs: undefined, mayCreate };
      const { rows } = await database.query<{ jobs: number }>(
        "select count(*)::int as jobs from image_edit_bot_history.jobs",
      );
      return { jobs: rows[0]!.jobs, mayCreate };
    }, what);
  } finally {
    await database.end();
  }
}

/** PostgreSQL's text takes neither NUL nor half of a character. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed().replaceAll("\0", "") : value;
}
