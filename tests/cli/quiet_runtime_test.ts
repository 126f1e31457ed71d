/** The runtime itself has nothing to say about this program: no warning of it is among what users read. */
import assert from "node:assert/strict";
import { openStage } from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";

Deno.test("what the bot writes at its start is its own log and nothing else", async () => {
  await using stage = await openStage();
  await until("its words", () => stage.bot.output().includes("DATA_DIR"));
  await stage.stop();
  const foreign = stage.bot.output().split("\n")
    .filter((line) => line !== "" && !/^(<\d>|\d{4}-\d\d-\d\d )/.test(line));
  assert.deepEqual(foreign, []);
});

Deno.test("the runtime says nothing of the demo's servers", async () => {
  // In a process of its own: a warning comes once in a process, and this one's stderr is not ours to read.
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--no-check",
      new URL("../../lab/quiet_servers.ts", import.meta.url).pathname,
    ],
    stdout: "null",
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0);
});
