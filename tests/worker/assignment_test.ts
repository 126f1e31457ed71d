/** Which waiting job a backend takes, where there are several. */
import assert from "node:assert/strict";
import { type Job, newJob } from "../../src/jobs/job.ts";
import { createAssignment } from "../../src/worker/assignment.ts";
import { request } from "../jobs/job_fixture.ts";

const job = (id: string, template: string): Job => newJob({ ...request(id), template }, 1, 0);

/** Two backends, A and B, or those named, with runs of a second. */
function openAssignment(
  { names = "AB", canRun = () => true, runMs = 1_000, away = [], held = {} }: {
    readonly names?: string;
    readonly canRun?: (backend: string, template: string) => boolean;
    readonly runMs?: number | null;
    readonly away?: readonly string[];
    readonly held?: Record<string, number>;
  } = {},
) {
  const clock = { ms: 0 };
  const assignment = createAssignment({
    backends: () =>
      [...names].map((name) => ({
        name,
        reachable: !away.includes(name),
        held: () => Array(held[name] ?? 0).fill("job"),
      })),
    canRun,
    expectMs: () => runMs ?? undefined,
    now: () => clock.ms,
  });
  return { clock, pick: (backend: string, ...jobs: Job[]) => assignment.pick(backend, jobs)?.id };
}

Deno.test("without a difference between the backends, each takes the first", () => {
  const { pick } = openAssignment();
  assert.equal(pick("A", job("1", "x"), job("2", "x")), "1");
  assert.equal(pick("B", job("2", "x"), job("3", "x")), "2");
  assert.equal(pick("A", job("3", "x"), job("4", "x")), "3");
  assert.equal(pick("A"), undefined);
});

Deno.test("a backend takes what it can run, and leaves the rest in its order", () => {
  const { pick } = openAssignment({
    canRun: (backend, template) => `${backend}${template}` !== "Ay",
  });
  assert.equal(pick("A", job("1", "y"), job("2", "x")), "2");
  assert.equal(pick("A", job("1", "y")), undefined);
  assert.equal(pick("B", job("1", "y")), "1");
});

Deno.test("a job waits for the backend that has its model loaded, two runs at most", () => {
  const { pick, clock } = openAssignment();
  assert.equal(pick("A", job("1", "x")), "1");
  assert.equal(pick("B", job("2", "y")), "2");
  assert.equal(pick("B", job("3", "x"), job("4", "y")), "4");
  clock.ms = 1_999;
  assert.equal(pick("B", job("3", "x")), undefined);
  clock.ms = 2_000;
  assert.equal(pick("B", job("3", "x")), "3");
});

Deno.test("it does not wait for one that is away, nor where nothing is known of the time", () => {
  const away = openAssignment({ away: ["A"] });
  away.pick("A", job("1", "x"));
  away.pick("B", job("0", "y"));
  assert.equal(away.pick("B", job("2", "x")), "2");
  const unknown = openAssignment({ runMs: null });
  unknown.pick("A", job("1", "x"));
  unknown.pick("B", job("0", "y"));
  assert.equal(unknown.pick("B", job("2", "x")), "2");
});

Deno.test("no job waits longer than a change of model takes, however long its runs", () => {
  const { pick, clock } = openAssignment({ runMs: 600_000 });
  pick("A", job("1", "x"));
  pick("B", job("0", "y"));
  assert.equal(pick("B", job("2", "x")), undefined);
  clock.ms = 20_000;
  assert.equal(pick("B", job("2", "x")), "2");
});

Deno.test("a job is passed by two others a backend at most, while each has a model of its own", () => {
  const { pick } = openAssignment();
  const line = [..."xyyyyyyyyxxxxxxxxx"].map((template, i) => job(String(i), template));
  const take = (backend: string) => {
    const id = pick(backend, ...line);
    if (id !== undefined) line.splice(line.findIndex((each) => each.id === id), 1);
    return id;
  };
  assert.deepEqual([take("A"), take("B")], ["0", "1"]);
  // A goes on with x, which passes the jobs that wait for B, four times; then it takes the first of them.
  const taken = Array.from({ length: 6 }, () => take("A"));
  assert.deepEqual(taken, ["9", "10", "11", "12", "2", "3"]);
});

Deno.test("a backend that has a job leaves the next one to another that has none", () => {
  const { pick } = openAssignment({ held: { A: 1, B: 0 } });
  assert.equal(pick("A", job("1", "x")), undefined);
  assert.equal(pick("B", job("1", "x")), "1");
  const full = openAssignment({ held: { A: 1, B: 1 } });
  assert.equal(full.pick("A", job("1", "x")), "1");
  const away = openAssignment({ held: { A: 1, B: 0 }, away: ["B"] });
  assert.equal(away.pick("A", job("1", "x")), "1");
  const unable = openAssignment({ held: { A: 1 }, canRun: (backend) => backend === "A" });
  assert.equal(unable.pick("A", job("1", "x")), "1");
});

Deno.test("a backend with the model loaded takes a job although another one has none, which would have to load it", () => {
  const held = { A: 0, B: 0 };
  const { pick } = openAssignment({ held });
  pick("B", job("0", "y"));
  pick("A", job("1", "x"));
  held.A = 1;
  assert.equal(pick("B", job("3", "x")), undefined);
  assert.equal(pick("A", job("3", "x")), "3");
});

Deno.test("a backend that has jobs for its model leaves one to another for two runs, too", () => {
  const { pick, clock } = openAssignment();
  assert.deepEqual([pick("A", job("1", "x")), pick("B", job("2", "y"))], ["1", "2"]);
  assert.equal(pick("A", job("3", "y"), job("4", "x")), "4");
  clock.ms = 1_999;
  assert.equal(pick("A", job("3", "y"), job("5", "x")), "5");
  clock.ms = 2_000;
  assert.equal(pick("A", job("3", "y"), job("6", "x")), "3");
});

Deno.test("a backend that takes nothing leaves a job that is not the first for two runs, whatever it takes for its model meanwhile", () => {
  const { pick, clock } = openAssignment();
  assert.deepEqual([pick("A", job("1", "x")), pick("B", job("2", "y"))], ["1", "2"]);
  assert.equal(pick("B", job("3", "x"), job("4", "x")), undefined);
  clock.ms = 1_000;
  assert.equal(pick("B", job("3", "x"), job("4", "x"), job("5", "y")), "5");
  assert.equal(pick("A", job("3", "x"), job("4", "x")), "3");
  clock.ms = 1_999;
  assert.equal(pick("B", job("4", "x")), undefined);
  clock.ms = 2_000;
  assert.equal(pick("B", job("4", "x")), "4");
});

Deno.test("a job that is the first is left for two runs by all together, from when one that takes nothing leaves it", () => {
  const { pick, clock } = openAssignment({ names: "ABC" });
  for (const [i, template] of [..."xyz"].entries()) pick("ABC"[i]!, job(String(i), template));
  assert.equal(pick("B", job("3", "x"), job("4", "x")), undefined);
  clock.ms = 1_999;
  assert.equal(pick("C", job("3", "x"), job("4", "x"), job("5", "z")), "5");
  clock.ms = 2_000;
  assert.equal(pick("C", job("3", "x"), job("4", "x"), job("6", "z")), "3");
});

Deno.test("a busy backend leaves a job to one that has nothing to do and has left it for two runs", () => {
  const held = { A: 0, B: 0 };
  const { pick, clock } = openAssignment({ held });
  assert.deepEqual([pick("A", job("1", "x")), pick("B", job("2", "y"))], ["1", "2"]);
  held.A = 1;
  assert.equal(pick("B", job("3", "x"), job("4", "x")), undefined);
  assert.equal(pick("A", job("3", "x"), job("4", "x")), "3");
  clock.ms = 2_000;
  assert.equal(pick("A", job("4", "x")), undefined);
  assert.equal(pick("B", job("4", "x")), "4");
});
