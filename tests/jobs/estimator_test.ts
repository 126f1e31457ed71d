/** How long jobs take, as it is learned and as it is told. */
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  type Estimates,
  type EstimateStore,
  expectWaitMs,
  type JobKind,
  openEstimator,
} from "../../src/jobs/estimator.ts";
import { request } from "./job_fixture.ts";

/** An EstimateStore that lives as long as a test. */
function memoryStore(): EstimateStore & { kept: Estimates | undefined } {
  return {
    kept: undefined,
    load() {
      return Promise.resolve(this.kept);
    },
    save(estimates) {
      this.kept = estimates;
      return Promise.resolve();
    },
  };
}

const picture = request("a").pictures[0]!;
const kind = (overrides: Partial<JobKind> = {}): JobKind => ({
  template: "edit",
  params: { steps: 8, sampler: "euler" },
  pictures: [picture],
  ...overrides,
});

Deno.test("expectMs() gives undefined when nothing like the job has run", async () => {
  const estimator = await openEstimator(memoryStore());
  assert.equal(estimator.expectMs(kind()), undefined);
  assert.equal(estimator.stepMs(kind()), undefined);
  await estimator.learn(kind(), { totalMs: 10_000, stepMs: 1_000 });
  for (
    const other of [
      kind({ template: "other" }),
      kind({ params: { steps: 8, sampler: "slow" } }),
      kind({ pictures: [picture, picture] }),
    ]
  ) assert.equal(estimator.expectMs(other), undefined);
});

Deno.test("expectMs() scales with the steps and leaves the rest as it was measured", async () => {
  const estimator = await openEstimator(memoryStore());
  await estimator.learn(kind(), { totalMs: 10_000, stepMs: 1_000 });
  assert.equal(estimator.stepMs(kind()), 1_000);
  assert.equal(estimator.expectMs(kind()), 10_000);
  assert.equal(estimator.expectMs(kind({ params: { steps: 50, sampler: "euler" } })), 52_000);
});

Deno.test("learn() shares the time out when only one step was seen", async () => {
  const estimator = await openEstimator(memoryStore());
  const oneStep = kind({ params: { steps: 1, sampler: "euler" } });
  await estimator.learn(oneStep, { totalMs: 4_000, stepMs: undefined });
  assert.equal(estimator.expectMs(oneStep), 4_000);
  assert.ok(estimator.expectMs(kind())! > 4_000);
});

Deno.test("learn() never counts a time below nothing when the steps were slower than the whole", async () => {
  const estimator = await openEstimator(memoryStore());
  await estimator.learn(kind(), { totalMs: 5_000, stepMs: 1_000 });
  assert.equal(estimator.expectMs(kind()), 8_000);
});

Deno.test("learn() comes near new hardware in a few runs", async () => {
  const estimator = await openEstimator(memoryStore());
  await estimator.learn(kind(), { totalMs: 90_000, stepMs: 10_000 });
  for (let run = 0; run < 10; run++) {
    await estimator.learn(kind(), { totalMs: 9_000, stepMs: 1_000 });
  }
  const expected = estimator.expectMs(kind())!;
  assert.ok(expected > 9_000 && expected < 12_000, `${expected}`);
});

Deno.test("openEstimator() goes on with what was learned before a restart", async () => {
  const store = memoryStore();
  await (await openEstimator(store)).learn(kind(), { totalMs: 10_000, stepMs: 1_000 });
  assert.equal((await openEstimator(store)).expectMs(kind()), 10_000);
});

Deno.test("expectMs() lies within what was measured, whatever was", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.record({ stepMs: fc.nat(10_000), otherMs: fc.nat(60_000) }), { minLength: 1 }),
    async (runs) => {
      const estimator = await openEstimator(memoryStore());
      const totals = runs.map(({ stepMs, otherMs }) => stepMs * 8 + otherMs);
      for (const [i, { stepMs }] of runs.entries()) {
        await estimator.learn(kind(), { totalMs: totals[i]!, stepMs });
      }
      const expected = estimator.expectMs(kind())!;
      assert.ok(expected >= Math.min(...totals) - 1 && expected <= Math.max(...totals) + 1);
    },
  ));
});

/** Expects `ms` of a job of template `ms`; of any other word nothing. */
const bySize = {
  expectMs: ({ template }: JobKind) => template === "new" ? undefined : Number(template),
};
const ahead = (...templates: (number | "new")[]) =>
  templates.map((template) => kind({ template: String(template) }));

Deno.test("expectWaitMs() sums what runs and what is ahead, shared by the backends", () => {
  const wait = (busyMs: (number | undefined)[], jobs: JobKind[]) =>
    expectWaitMs({ ahead: jobs.length, sample: jobs, busyMs, estimator: bySize });
  assert.equal(wait([0], []), 0);
  assert.equal(wait([5_000], ahead(10_000, 20_000)), 35_000);
  assert.equal(wait([5_000, 1_000], ahead(10_000, 20_000)), 16_000);
  assert.equal(wait([undefined, 1_000], []), 1_000);
});

Deno.test("expectWaitMs() takes the mean of those that are known when some are not", () => {
  const wait = (busyMs: (number | undefined)[], jobs: JobKind[]) =>
    expectWaitMs({ ahead: jobs.length, sample: jobs, busyMs, estimator: bySize });
  assert.equal(wait([0], ahead(10_000, "new", 20_000)), 45_000);
  assert.equal(wait([0], ahead("new")), undefined);
  assert.equal(wait([undefined], []), undefined);
  assert.equal(wait([], []), undefined);
});

Deno.test("expectWaitMs() takes a few jobs for all that are ahead", () => {
  const sample = ahead(1_000, 3_000);
  assert.equal(expectWaitMs({ ahead: 1_000, sample, busyMs: [0], estimator: bySize }), 2_000_000);
});
