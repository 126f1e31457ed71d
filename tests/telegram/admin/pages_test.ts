/** The panel's pages, and the end of the log that one of them shows. */
import assert from "node:assert/strict";
import { textIn } from "../../../src/i18n/text.ts";
import { newJob } from "../../../src/jobs/job.ts";
import { logPath, readLogTail } from "../../../src/monitoring/log_file.ts";
import { backendsView, jobView, logView, queueView } from "../../../src/telegram/admin/pages.ts";
import { request } from "../../jobs/job_fixture.ts";
import { withFolder } from "../../kv/kv_fixture.ts";

const text = textIn("en");

function labels(view: ReturnType<typeof queueView>): string[] {
  return view.keyboard.inline_keyboard.flat().map((button) => button.text);
}

Deno.test("queueView() shows eight jobs a page, and the last page for one that is gone", () => {
  const jobs = Array.from({ length: 17 }, (_, i) => newJob(request(`j${i}`), i, 0));
  const page = (n: number) =>
    labels(queueView(text, jobs, n, (job) => ({ job, userName: "Ben", position: job.seq + 1 })));
  assert.equal(page(0)[0], "1. Ben: make it night");
  assert.equal(page(0).filter((label) => label.includes("Ben")).length, 8);
  assert.ok(page(0).includes("1 / 3"));
  assert.equal(page(2)[0], "17. Ben: make it night");
  assert.deepEqual(page(9), page(2));
  assert.deepEqual(labels(queueView(text, [], 0, () => assert.fail())), ["↻ Refresh", "‹ Back"]);
});

Deno.test("jobView() offers what can still be done, and cuts what does not fit", () => {
  const job = newJob(request("a", { promptText: "night ".repeat(1_000) }), 1, 0);
  const view = (position: number | undefined, state = job.state) =>
    jobView(text, { job: { ...job, state }, userName: "Ben", position }, { line: "…", now: 1_000 });
  assert.deepEqual(labels(view(2)), ["⤒ To the front", "✖ Cancel job", "‹ Back"]);
  assert.deepEqual(labels(view(1)), ["✖ Cancel job", "‹ Back"]);
  assert.deepEqual(labels(view(undefined, "running")), ["✖ Cancel job", "‹ Back"]);
  assert.deepEqual(labels(view(undefined, "delivering")), ["‹ Back"]);
  assert.ok(view(1).text.length < 4_096);
});

Deno.test("backendsView() shows what each backend can run, and once what none can", () => {
  const health = { version: "0.33.0", devices: [], running: [], pending: [] };
  const view = (
    known: Record<string, Record<string, boolean>>,
    missing: Record<string, string[]>,
  ) =>
    backendsView(text, [
      { ok: true, name: "one", health },
      { ok: false, name: "two", reason: "it sleeps" },
    ], {
      missing: new Map(Object.entries(missing)),
      templatesOn: (name) => known[name] && new Map(Object.entries(known[name])),
    }).text.split("\n\n");
  const one = "✓ one: ComfyUI 0.33.0\nin its queue: 0 running, 0 waiting";
  assert.deepEqual(view({}, {}), [one, "✗ two: it sleeps"]);
  assert.deepEqual(
    view({
      one: { edit: true, large: false, rare: false },
      two: { edit: true, large: true, rare: false },
    }, { rare: ["Node 1 is missing."] }),
    [
      `${one}\ncan run: edit\ncannot run: large`,
      "✗ two: it sleeps\ncan run: edit, large",
      "Templates that cannot run here, and what they lack (in English):",
      "✗ rare\nNode 1 is missing.",
    ],
  );
  assert.deepEqual(view({ one: { edit: false } }, { edit: ["Node 2 is missing."] })[0], one);
});

Deno.test("logView() shows the last lines that fit, as they are", () => {
  const lines = Array.from({ length: 30 }, (_, i) => `${i} ${"x".repeat(200)}`);
  const { text: shown, entities } = logView(text, lines);
  assert.ok(shown.length <= 3_500 && shown.endsWith(lines[29]!));
  assert.ok(lines.includes(shown.split("\n")[0]!), "no line is halved");
  assert.deepEqual(entities, [{ type: "pre", offset: 0, length: shown.length }]);
  assert.equal(logView(text, ["first", "y".repeat(9_000)]).text.length, 3_500);
  assert.equal(logView(text, []).text, "The log is empty.");
});

Deno.test("readLogTail() gives the last whole lines of a long file, and none where there is no file", async () => {
  await withFolder(async (dir) => {
    assert.deepEqual(await readLogTail(dir, 3), []);
    const lines = Array.from({ length: 5_000 }, (_, i) => `line ${i} ${"ы".repeat(40)}`);
    await Deno.writeTextFile(logPath(dir), `${lines.join("\n")}\n`);
    assert.deepEqual(await readLogTail(dir, 3), lines.slice(-3));
    const all = await readLogTail(dir, 9_999);
    assert.deepEqual(all, lines.slice(-all.length));
    assert.ok(all.length > 100 && all.length < 5_000);
  });
});
