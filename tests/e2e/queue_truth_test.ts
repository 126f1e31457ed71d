/** What is said of waiting: nothing is painted that waits, and what others have put into ComfyUI counts. */
import assert from "node:assert/strict";
import { releases, type SimulatedComfyUI, startComfyUI } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  holdRun,
  noDrafts,
  openStage,
  said,
  type Stage,
  untilReply,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";

const photo = await gradientJpeg(160, 120);

/** Puts prompts into ComfyUI as its web page would, each another graph. */
async function submitOthers({ url }: SimulatedComfyUI, count: number, front = false) {
  const node = (class_type: string, inputs: Record<string, unknown>) => ({ class_type, inputs });
  const form = new FormData();
  form.set("image", new Blob([photo]), "others.jpg");
  await (await fetch(`${url}/upload/image`, { method: "POST", body: form })).body?.cancel();
  for (let i = 0; i < count; i++) {
    const filename_prefix = `others_${crypto.randomUUID()}`;
    const prompt = {
      "1": node("LoadImage", { image: "others.jpg" }),
      "2": node("SaveImage", { images: ["1", 0], filename_prefix }),
    };
    const body = JSON.stringify({ prompt, client_id: "the web page", front });
    const response = await fetch(`${url}/prompt`, { method: "POST", body });
    assert.equal(response.status, 200, await response.text());
  }
}

/** Holds the next prompt of others in its saver. */
function holdOthers({ faults }: SimulatedComfyUI) {
  const match = ({ graph }: { graph: unknown }) => JSON.stringify(graph).includes("others_");
  return faults.add({ kind: "stuck", node: "SaveImage", times: 1, match });
}

/** Waits until a status message of Ben's says so. */
function untilStatus(stage: Stage, words: RegExp): Promise<unknown> {
  return stage.telegram.until(
    () => said(stage, stage.ben).some(({ text }) => words.test(text ?? "")),
    { what: `${words}` },
  );
}

for (const release of releases) {
  Deno.test(`prompts of others count in places, in /status and in /admin, ComfyUI ${release}`, async () => {
    await using stage = await openStage({ comfyui: { release } });
    using others = holdOthers(stage.comfyui);
    await submitOthers(stage.comfyui, 4);
    const first = await untilReply(stage, await stage.ben.sendPhoto(photo, { caption: "mine" }));
    assert.match(first.text ?? "", /^⏳ In the queue: number 4$/);
    await stage.comfyui.until(() => stage.comfyui.queue().pending.length === 4, {
      what: "ComfyUI has it",
    });
    await untilStatus(stage, /^⏳ In the queue: number 4$/);
    for (const [caption, place] of [["second", 5], ["third", 6]] as const) {
      const status = await untilReply(stage, await stage.ben.sendPhoto(photo, { caption }));
      assert.match(status.text ?? "", new RegExp(`^⏳ In the queue: number ${place}$`), caption);
    }
    stage.ben.sendText("/status");
    const status = await untilSaid(stage, stage.ben, "You have 3 jobs");
    assert.match(status.text ?? "", /“mine”: number 4 in the queue/);
    assert.match(status.text ?? "", /“third”: number 6 in the queue/);
    assert.match(status.text ?? "", /In the whole queue: 6 jobs\./);
    assert.doesNotMatch(status.text ?? "", /in progress/);
    stage.anna.sendText("/admin");
    await untilSaid(stage, stage.anna, "🗂 3 задачи ждут, в работе 0");
    // Somebody goes before them all: ComfyUI's order counts, not that of arrival.
    await submitOthers(stage.comfyui, 2, true);
    await untilStatus(stage, /^⏳ In the queue: number 8$/);
    others.remove();
    await untilResults(stage, stage.ben, 3);
  });

  Deno.test(`a job that waits in ComfyUI is nowhere said to be painted, ComfyUI ${release}`, async () => {
    await using stage = await openStage({ telegram: noDrafts, comfyui: { release } });
    using first = holdRun(stage, { words: "one" });
    for (const caption of ["one", "two"]) await stage.ben.sendPhoto(photo, { caption });
    await stage.comfyui.until(() => stage.comfyui.queue().pending.length === 1, {
      what: "the second waits in ComfyUI",
    });
    await untilStatus(stage, /^🎨/);
    stage.ben.sendText("/status");
    const status = await untilSaid(stage, stage.ben, "You have 2 jobs");
    assert.match(status.text ?? "", /🎨 “one”: in progress\n⏳ “two”: number 1 in the queue/);
    assert.match(status.text ?? "", /In the whole queue: 1 job\./);
    await untilStatus(stage, /^⏳ You are next/);
    stage.anna.sendText("/admin");
    const panel = await untilSaid(stage, stage.anna, "🗂 1 задача ждёт, в работе 1");
    await stage.anna.press(panel, { data: "m:queue:0" });
    const labels = () =>
      stage.telegram.message(panel.chat, panel.message_id)?.reply_markup?.inline_keyboard.flat()
        .map(({ text }) => text);
    await stage.telegram.until(() => labels()?.includes("⏳ id 502: two"), { what: "the list" });
    assert.ok(labels()?.includes("🎨 id 502: one"));
    first.remove();
    await untilResults(stage, stage.ben, 2);
  });
}

Deno.test("of two ComfyUIs the one that is free counts, and others' prompts in both", async () => {
  await using second = await startComfyUI({ stepMs: 20, scale: false });
  await using stage = await openStage({ start: false });
  const { host, port } = stage.comfyui;
  await Deno.writeTextFile(
    `${stage.dir}/config.yaml`,
    `access: { mode: open }\ncomfyui:\n  depth: 1\n  backends:\n` +
      `    - { name: one, host: ${host}, port: ${port} }\n` +
      `    - { name: two, host: ${second.host}, port: ${second.port} }\n`,
  );
  using _one = holdOthers(stage.comfyui);
  using _two = holdOthers(second);
  await submitOthers(stage.comfyui, 5);
  await submitOthers(second, 3);
  stage.start();
  for (const caption of ["a", "b", "c"]) {
    await untilReply(stage, await stage.ben.sendPhoto(photo, { caption }));
  }
  // Behind the four and the two that wait, and behind what begins in both before their turn; where the first two have gone into
  // one each, or the second one waits for the ComfyUI that has its model.
  const right = ["3,5,7", "3,7,9", "5,5,7"];
  await stage.telegram.until(
    () => {
      const places = said(stage, stage.ben).map(({ text }) =>
        /number (\d+)$/.exec(text ?? "")?.[1]
      );
      return right.includes(places.toSorted().join());
    },
    { what: `places that are ${right.join(" or ")}` },
  );
});
