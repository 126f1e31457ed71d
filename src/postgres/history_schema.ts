/** The history's table and views, as a list of migrations: each is run once, in order, and never changed afterwards. */
import { type Schema } from "./schema.ts";

/**
 * `finished_jobs` is the bot's own; the views are for everybody else and keep their columns (docs/en/history.md). Waits and runs are
 * counted as jobs/transitions.ts counts them: not of jobs under which a backend died.
 */
const migrations: readonly string[] = [
  `
  create table image_edit_bot_history.finished_jobs (
    id text primary key,
    seq bigint not null,
    user_id bigint not null,
    chat_id bigint not null,
    thread_id bigint,
    is_private boolean not null,
    template text not null,
    params jsonb not null,
    prompt text,
    pictures int not null,
    results int not null,
    backend text,
    outcome text not null,
    failure text,
    kept text,
    created_at timestamptz not null,
    submitted_at timestamptz,
    started_at timestamptz,
    rendered_at timestamptz,
    ended_at timestamptz not null,
    crashes int not null
  );
  create index finished_jobs_by_end on image_edit_bot_history.finished_jobs (ended_at);
  create index finished_jobs_by_user on image_edit_bot_history.finished_jobs (user_id, ended_at);

  create view image_edit_bot_history.jobs as
    select id, user_id, chat_id, thread_id, is_private, template, params, prompt, pictures, results,
      backend, outcome, failure, kept, created_at, submitted_at, started_at, rendered_at, ended_at, crashes,
      case when crashes = 0
        then extract(epoch from coalesce(started_at, rendered_at) - created_at)::double precision
      end as wait_seconds,
      case when crashes = 0
        then extract(epoch from rendered_at - started_at)::double precision
      end as run_seconds,
      case when outcome = 'done'
        then extract(epoch from ended_at - rendered_at)::double precision
      end as delivery_seconds
    from image_edit_bot_history.finished_jobs;

  create view image_edit_bot_history.days as
    select ended_at::date as day, count(*) as jobs,
      count(*) filter (where outcome = 'done') as done,
      count(*) filter (where outcome = 'failed') as failed,
      count(*) filter (where outcome = 'cancelled') as cancelled,
      count(distinct user_id) as users,
      avg(wait_seconds) as wait_seconds, avg(run_seconds) as run_seconds
    from image_edit_bot_history.jobs group by 1;

  create view image_edit_bot_history.templates as
    select template, count(*) as jobs,
      count(*) filter (where outcome = 'done') as done,
      count(*) filter (where outcome = 'failed') as failed,
      count(*) filter (where outcome = 'cancelled') as cancelled,
      percentile_cont(0.5) within group (order by run_seconds) as run_seconds_median,
      percentile_cont(0.95) within group (order by run_seconds) as run_seconds_p95,
      max(ended_at) as last_ended_at
    from image_edit_bot_history.jobs group by 1;

  create view image_edit_bot_history.users as
    select user_id, count(*) as jobs,
      count(*) filter (where outcome = 'done') as done,
      count(*) filter (where outcome = 'failed') as failed,
      count(*) filter (where outcome = 'cancelled') as cancelled,
      sum(run_seconds) as run_seconds_sum,
      min(created_at) as first_created_at, max(ended_at) as last_ended_at
    from image_edit_bot_history.jobs group by 1;

  create view image_edit_bot_history.backends as
    select backend, count(*) as jobs,
      count(*) filter (where outcome = 'done') as done,
      count(*) filter (where outcome = 'failed') as failed,
      count(*) filter (where outcome = 'cancelled') as cancelled,
      sum(crashes) as crashes,
      sum(run_seconds) as run_seconds_sum,
      percentile_cont(0.5) within group (order by run_seconds) as run_seconds_median
    from image_edit_bot_history.jobs where backend is not null group by 1;

  create view image_edit_bot_history.failures as
    select failure, template, backend, count(*) as jobs, max(ended_at) as last_ended_at
    from image_edit_bot_history.jobs where outcome = 'failed' group by 1, 2, 3;
  `,
];

export const historySchema: Schema = {
  name: "image_edit_bot_history",
  migrations,
  what: "job history",
};
