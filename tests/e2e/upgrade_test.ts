/**
 * What yesterday's executable stored and sent works with today's. fixtures/state-0.1.0 is the DATA_DIR of 0.1.0, ended by a
 * SIGTERM with two jobs of Anna's in the queue, Ben's draft, his settings and his result; sent.json has the buttons of the
 * messages that it had sent.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
  holdRun,
  openStage,
  results,
  said,
  type Stage,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";

const Sent = z.object({
  messageId: z.number(),
  buttons: z.array(z.object({ text: z.string(), data: z.string() })),
});
const folder = fileURLToPath(new URL("../fixtures/state-0.1.0/", import.meta.url));
const sent = z.object({ result: Sent, menu: Sent, draft: Sent, waiting: Sent, running: Sent })
  .parse(JSON.parse(Deno.readTextFileSync(`${folder}/sent.json`)));

/** A stage whose bot finds the stored state. Messages of before are not in the chat: a press comes with their ids alone. */
async function openUpgraded(): Promise<Stage> {
  const stage = await openStage({
    start: false,
    config: "comfyui: { depth: 1 }\n",
    telegram: { limits: false },
  });
  const { url, token } = stage.telegram;
  for (const { user, privateChat } of [stage.anna, stage.ben]) {
    stage.telegram.person({ ...user, started: true });
    // As many messages as there were then: new ones get ids of their own.
    for (let count = 0; count < 8; count++) {
      const body = new URLSearchParams({ chat_id: String(privateChat.id), text: "of before" });
      await (await fetch(`${url}/bot${token}/sendMessage`, { method: "POST", body })).json();
    }
  }
  await Deno.mkdir(`${stage.dir}/data/input`, { recursive: true });
  await Deno.mkdir(`${stage.dir}/data/output`, { recursive: true });
  for (const file of ["state.kv", "metrics.json"]) {
    await Deno.copyFile(`${folder}/${file}`, `${stage.dir}/data/${file}`);
  }
  for (const part of ["input", "output"]) {
    for (const { name } of Deno.readDirSync(`${folder}/${part}`)) {
      const bytes = await Deno.readFile(`${folder}/${part}/${name}`);
      await Deno.writeFile(`${stage.dir}/data/${part}/${name}`, bytes); // as new as the state is
    }
  }
  return stage;
}

/** Presses a button of a message that yesterday's executable sent, by its label. */
function press(stage: Stage, { messageId, buttons }: z.infer<typeof Sent>, label: RegExp) {
  const data = buttons.find(({ text }) => label.test(text))?.data;
  assert.ok(data, `a button ${label}`);
  return stage.ben.press({ chat: stage.ben.privateChat, message_id: messageId }, { data });
}

Deno.test("waiting jobs of 0.1.0 are rendered in their order, with their words and seeds", async () => {
  await using stage = await openUpgraded();
  stage.start();
  const delivered = await untilResults(stage, stage.anna, 2);
  assert.deepEqual(delivered.map(({ caption }) => caption?.split("\n")[0]), ["первая", "вторая"]);
  const graphs = stage.comfyui.ran.map(({ graph }) => JSON.stringify(graph));
  assert.match(graphs[0]!, /"value":7\b/);
  assert.match(graphs[1]!, /"value":8\b/);
});

Deno.test("a draft of 0.1.0 takes its words, with the settings that were chosen then", async () => {
  await using stage = await openUpgraded();
  stage.start();
  await untilResults(stage, stage.anna, 2);
  stage.ben.sendText("make it snow");
  const [result] = await untilResults(stage, stage.ben);
  assert.match(result!.caption ?? "", /^make it snow/);
  assert.ok(result!.document, "Ben had chosen files");
  assert.match(JSON.stringify(stage.comfyui.ran.at(-1)?.graph), /"value":12\b/); // his steps
});

Deno.test("an idea under a draft of 0.1.0 is taken, and a menu of 0.1.0 changes the settings", async () => {
  await using stage = await openUpgraded();
  stage.start();
  await untilResults(stage, stage.anna, 2);
  assert.ok((await press(stage, sent.menu, /^Steps/)).answered);
  assert.ok((await press(stage, sent.menu, /^Seed/)).answered);
  await press(stage, { ...sent.menu, buttons: [{ text: "9", data: "s:dy:set:steps:9" }] }, /9/);
  await press(stage, sent.draft, /Restore old photo/);
  await untilResults(stage, stage.ben);
  assert.match(JSON.stringify(stage.comfyui.ran.at(-1)?.graph), /"value":9\b/);
});

Deno.test("the buttons under a result of 0.1.0 do what they say", async () => {
  await using stage = await openUpgraded();
  stage.start();
  await untilResults(stage, stage.anna, 2);
  const before = stage.comfyui.ran.length;
  await press(stage, sent.result, /Again/);
  const [again] = await untilResults(stage, stage.ben);
  assert.match(again!.caption ?? "", /^make it night/);
  assert.equal(stage.comfyui.ran.length, before + 1);
  await press(stage, sent.result, /File/);
  await stage.telegram.until(
    () => said(stage, stage.ben).some(({ document }) => document?.file_name?.includes("8my1jj")),
    { what: "the lossless file" },
  );
  await press(stage, sent.result, /Parameters/);
  await untilSaid(stage, stage.ben, /Run again/);
  const shown = results(stage, stage.ben).length;
  await press(stage, sent.result, /Before/);
  await stage.telegram.until(() => results(stage, stage.ben).length > shown, {
    what: "before and after",
  });
  const saved = await press(stage, sent.result, /Save as idea/);
  assert.ok(saved.text);
  stage.ben.sendText("/forget");
  await untilSaid(stage, stage.ben, /\?/);
});

Deno.test("a status message of 0.1.0 cancels its job", async () => {
  await using stage = await openUpgraded();
  using hold = holdRun(stage);
  stage.start();
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "the first one runs" });
  const { data } = sent.waiting.buttons[0]!;
  const at = { chat: stage.anna.privateChat, message_id: sent.waiting.messageId };
  assert.ok((await stage.anna.press(at, { data })).answered);
  hold.remove();
  await untilResults(stage, stage.anna);
  stage.ben.sendText("the next in the queue");
  await untilResults(stage, stage.ben);
  assert.equal(results(stage, stage.anna).length, 1);
});
