import assert from "node:assert/strict";
import { createKvSettings } from "../../src/kv/settings.ts";
import { maxJobChanges } from "../../src/users/settings.ts";
import { testState } from "./kv_fixture.ts";

testState(
  "changeJobParams() keeps a job's values over a restart, for that person and job alone",
  async (open) => {
    await open(async (kv) => {
      const settings = createKvSettings(kv);
      await settings.changeJobParams(7, "a", (params) => ({ ...params, steps: 12 }));
      const changed = await settings.changeJobParams(7, "a", (known) => ({ ...known, cfg: 2 }));
      assert.deepEqual(changed, { steps: 12, cfg: 2 });
    });
    await open(async (kv) => {
      const settings = createKvSettings(kv);
      assert.deepEqual(await settings.jobParams(7, "a"), { steps: 12, cfg: 2 });
      assert.deepEqual(await settings.jobParams(7, "b"), {});
      assert.deepEqual(await settings.jobParams(8, "a"), {});
    });
  },
);

testState(
  "changeJobParams() forgets a job without values, and the oldest when there are too many",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      const jobs = Array.from({ length: maxJobChanges + 1 }, (_, i) => `job${i}`);
      for (const job of jobs) await settings.changeJobParams(7, job, () => ({ seed: 1 }));
      assert.deepEqual(await settings.jobParams(7, "job0"), {});
      assert.deepEqual(await settings.jobParams(7, "job1"), { seed: 1 });
      assert.deepEqual(await settings.changeJobParams(7, "job1", () => ({})), {});
      assert.deepEqual(await settings.jobParams(7, "job1"), {});
      assert.deepEqual(await settings.jobParams(7, "job2"), { seed: 1 });
    }),
);

testState(
  "forget() erases the changed values of a user's jobs, and no other user's",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      for (const userId of [7, 8]) {
        await settings.changeJobParams(userId, "a", () => ({ negative_prompt: "secret" }));
      }
      await settings.forget(7);
      assert.deepEqual(await settings.jobParams(7, "a"), {});
      assert.deepEqual(await settings.jobParams(8, "a"), { negative_prompt: "secret" });
    }),
);
