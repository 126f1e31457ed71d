/**
 * The history in PostgreSQL: written over kills and absences of the server, without words unless asked, forgotten, expired.
 *
 * Drives besides: src/stores.ts, src/history.ts, src/jobs/finished_job.ts.
 */
import assert from "node:assert/strict";
import { replaceFile } from "../../lab/files.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import { postgresOfFile } from "../../lab/servers/postgres.ts";
import { holdRun, openStage, said, untilResults, untilSaid } from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { openConnection } from "../../src/postgres/database.ts";
import { rowsOf } from "../postgres/rows.ts";
import { forget } from "./menus.ts";

const server = await postgresOfFile();
const options = { ignore: server === undefined };
const photo = await gradientJpeg(160, 120);

/** A stage whose bot keeps the history in the database, with these lines of config.yaml under `history`. */
async function openOn(url: string, lines = "", env: Readonly<Record<string, string>> = {}) {
  return await openStage({
    telegram: { limits: false },
    config: `history:\n  url: "\${HISTORY_URL}"\n${lines}` +
      (env.STATE_URL ? 'state: { url: "${STATE_URL}" }\n' : ""),
    env: { HISTORY_URL: url, ...env },
  });
}

interface Row {
  readonly id: string;
  readonly user_id: string;
  readonly outcome: string;
  readonly failure: string | null;
  readonly template: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly prompt: string | null;
  readonly backend: string | null;
  readonly run_seconds: number | null;
}

/** Nothing while there are no tables. */
const rowsIn = (url: string) =>
  rowsOf<Row>(url, "select * from image_edit_bot_history.jobs order by ended_at").catch(() => []);

async function untilRows(url: string, count: number): Promise<readonly Row[]> {
  return await until(`${count} jobs in the history`, async () => {
    const rows = await rowsIn(url);
    return rows.length === count && rows;
  }, { timeoutMs: 20_000 });
}

Deno.test(
  "jobs are in the history with what they were, and without words until the owner wants them",
  options,
  async () => {
    const url = await server!.database();
    await using stage = await openOn(url);
    const { ben } = stage;
    await ben.sendPhoto(photo, { caption: 'SESAME steps=1 neg="SESAME too"' });
    await untilResults(stage, ben);
    stage.comfyui.faults.add({
      kind: "error",
      exceptionType: "RuntimeError",
      exceptionMessage: "no luck with SESAME",
      times: 1,
    });
    await ben.sendPhoto(photo, { caption: "fails steps=2" });
    await untilSaid(stage, ben, "could not finish this job");
    using _hold = holdRun(stage);
    await ben.sendPhoto(photo, { caption: "is cancelled steps=3" });
    await stage.comfyui.until(() => stage.comfyui.ran.length === 3, { what: "it runs" });
    ben.sendText("/cancel");
    const [done, failed, cancelled] = await untilRows(url, 3);
    assert.deepEqual(
      [done, failed, cancelled].map((row) => [row?.outcome, row?.failure, row?.user_id]),
      [["done", null, "502"], ["failed", "execution", "502"], ["cancelled", null, "502"]],
    );
    assert.equal(done?.params.steps, 1);
    assert.ok(typeof done?.params.sampler === "string" && done.params.seed !== undefined);
    assert.ok(done.run_seconds! > 0 && done.run_seconds! < 60);
    assert.equal(done.backend, "comfyui");
    const all = await rowsOf<{ text: string }>(
      url,
      "select row_to_json(each)::text as text from image_edit_bot_history.finished_jobs each",
    );
    assert.equal(all.length, 3);
    assert.doesNotMatch(all.map(({ text }) => text).join(), /SESAME|fails|is cancelled/);

    const config = await Deno.readTextFile(`${stage.dir}/config.yaml`);
    await replaceFile(`${stage.dir}/config.yaml`, `${config}  words: true\n`);
    await until("it is read again", () => /history\.words/.test(stage.bot.output()));
    await ben.sendPhoto(photo, { caption: 'OPEN steps=1 neg="dark"' });
    const [, , , worded] = await untilRows(url, 4);
    assert.equal(worded?.prompt, "OPEN");
    assert.equal(worded?.params.negative_prompt, "dark");
  },
);

Deno.test(
  "a server that is away loses no job, over a kill of the bot, and deletes later what is to be forgotten",
  options,
  async () => {
    const url = await server!.database();
    // Its own user may not log in for a while: the state beside it goes on.
    await rowsOf(url, "create role keeper nologin");
    await rowsOf(url, `grant create on database ${new URL(url).pathname.slice(1)} to keeper`);
    const keeper = url.replace("postgres@", "keeper@");
    await using stage = await openOn(keeper, "", { STATE_URL: await server!.database() });
    for (const [i, person] of [stage.ben, stage.anna, stage.ben].entries()) {
      await person.sendPhoto(photo, { caption: `number ${i} steps=1` });
    }
    await untilResults(stage, stage.ben, 2);
    await untilResults(stage, stage.anna);
    await until(
      "it cannot be written",
      () => /Cannot write the history/.test(stage.bot.output()),
    );
    await stage.restart();
    await stage.ben.sendPhoto(photo, { caption: "after the kill steps=1" });
    await untilResults(stage, stage.ben, 3);
    assert.deepEqual(await rowsIn(url), []);
    // What is to be forgotten waits too, and what came after it stays.
    await forget(stage, stage.ben);
    await until("it waits", () => /Cannot forget user 502 yet/.test(stage.bot.output()));
    await stage.ben.sendPhoto(photo, { caption: "after the wish steps=1" });
    await untilResults(stage, stage.ben, 4);
    await stage.restart();
    await rowsOf(url, "alter role keeper login");
    await until("he is forgotten", () => /User 502 is forgotten/.test(stage.bot.output()), {
      timeoutMs: 20_000,
    });
    const rows = await untilRows(url, 2);
    assert.deepEqual(rows.map(({ user_id }) => user_id), ["501", "502"]);
  },
);

Deno.test(
  "a kill between writing and noting that it is written makes one row of a job",
  options,
  async () => {
    const url = await server!.database();
    await using stage = await openOn(url);
    await stage.ben.sendPhoto(photo, { caption: "first steps=1" });
    await untilRows(url, 1);
    const holder = openConnection(url);
    await holder.connect();
    await holder.query("begin; lock table image_edit_bot_history.finished_jobs in exclusive mode");
    await stage.ben.sendPhoto(photo, { caption: "second steps=1" });
    const waiting =
      "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into%'";
    await until("it is being written", async () => (await rowsOf(url, waiting)).length === 1);
    await stage.restart();
    await holder.query("commit");
    await holder.end();
    await stage.ben.sendPhoto(photo, { caption: "third steps=1" });
    const rows = await untilRows(url, 3);
    assert.equal(new Set(rows.map(({ id }) => id)).size, 3);
  },
);

Deno.test(
  "/forget reaches the history, also of jobs from before a restart, and of nobody else",
  options,
  async () => {
    const url = await server!.database();
    await using stage = await openOn(url);
    for (const person of [stage.ben, stage.anna]) {
      await person.sendPhoto(photo, { caption: "one steps=1" });
      await untilResults(stage, person);
    }
    await untilRows(url, 2);
    await stage.restart();
    await forget(stage, stage.ben);
    const [left] = await untilRows(url, 1);
    assert.equal(left?.user_id, "501");
    assert.ok(said(stage, stage.ben).some(({ text }) => text?.startsWith("Erased: 1 job")));
  },
);

Deno.test(
  "old jobs are deleted, and the statistics in /admin are the history's",
  options,
  async () => {
    const url = await server!.database();
    await using stage = await openOn(url, "  keep_days: 3\n");
    await stage.ben.sendPhoto(photo, { caption: "one steps=1" });
    const [row] = await untilRows(url, 1);
    const copies = [[1, "a"], [2, "b"], [5, "c"], [9, "d"]].map(([days, id]) =>
      `insert into image_edit_bot_history.finished_jobs
     select (jsonb_populate_record(job, jsonb_build_object('id', '${id}', 'ended_at', job.ended_at - interval '${days} days'))).*
     from image_edit_bot_history.finished_jobs job where id = '${row!.id}'`
    );
    for (const copy of copies) await rowsOf(url, copy);
    await stage.restart();
    const rows = await untilRows(url, 3);
    assert.deepEqual(rows.map(({ id }) => id), ["b", "a", row!.id]);
    const { message_id: asked } = stage.anna.sendText("/admin");
    const panel = await stage.telegram.until(
      () => said(stage, stage.anna).find(({ message_id }) => message_id > asked),
      { what: "the panel" },
    );
    await stage.anna.press(panel, "📊 Статистика");
    const chart = await untilSaid(stage, stage.anna, "🟩 готово");
    assert.match(chart.caption ?? "", /готово 3 · .*не удалось 0[^]*Сегодня: готово 1,/);
  },
);
