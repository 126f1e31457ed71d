/** The mode of the bot: kept, told, and never half changed. */
import assert from "node:assert/strict";
import {
  openServiceMode,
  type ServiceMode,
  type ServiceModeStore,
} from "../../src/jobs/service_mode.ts";
import { createKvServiceModeStore } from "../../src/kv/single_records.ts";
import { withFolder, withKv } from "../kv/kv_fixture.ts";

Deno.test("openControl() goes on in the mode of the last start", async () => {
  await withFolder(async (dir) => {
    for (const [before, after] of [["running", "paused"], ["paused", "draining"]] as const) {
      await withKv(dir, async (kv) => {
        const control = await openServiceMode(createKvServiceModeStore(kv));
        assert.equal(control.mode, before);
        await control.set(after);
        assert.equal(control.mode, after);
      });
    }
    await withKv(dir, async (kv) => {
      assert.equal((await openServiceMode(createKvServiceModeStore(kv))).mode, "draining");
      await kv.set(["control"], { v: 9, mode: "asleep" });
      assert.equal((await openServiceMode(createKvServiceModeStore(kv))).mode, "running");
    });
  });
});

Deno.test("listen() hears the mode as it is and each change, until its signal aborts", async () => {
  const control = await openServiceMode({
    load: () => Promise.resolve(undefined),
    save: () => Promise.resolve(),
  });
  const life = new AbortController();
  const heard: ServiceMode[] = [];
  control.listen((mode) => heard.push(mode), life.signal);
  await Promise.all([control.set("paused"), control.set("draining")]);
  life.abort();
  await control.set("running");
  assert.deepEqual(heard, ["running", "paused", "draining"]);
});

Deno.test("set() changes nothing when it cannot be stored", async () => {
  let isFull = true;
  const store: ServiceModeStore = {
    load: () => Promise.resolve(undefined),
    save: () => isFull ? Promise.reject(new Error("the disk is full")) : Promise.resolve(),
  };
  const control = await openServiceMode(store);
  await assert.rejects(control.set("paused"), /the disk is full/);
  assert.equal(control.mode, "running");
  isFull = false;
  await control.set("paused");
  assert.equal(control.mode, "paused");
});
