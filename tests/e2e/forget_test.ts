/**
 * /forget: afterwards no byte of what a user has said and sent is left in the bot's files, over kills and whatever a job was doing.
 *
 * Drives besides: src/users/erasure.ts, src/kv/purge.ts, src/copies.ts.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { releases } from "../../lab/comfyui/mod.ts";
import { filesHolding } from "../../lab/files.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  backupsOf,
  filesIn,
  holdRun,
  openStage,
  type Stage,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { forget, openMenu, set } from "./menus.ts";

const photo = await gradientJpeg(320, 240);
/** What no other picture has. */
const ofPhoto = photo.slice(photo.length / 2, photo.length / 2 + 40);
const options = {
  telegram: { limits: false },
  config: "comfyui: { depth: 1 }\nlogging: { level: DEBUG }\n",
} as const;

/** Files of the bot that hold the words, as text or as V8 stores it, or bytes of the photo. */
async function placesOf(
  stage: Stage,
  words: readonly string[],
  ...bytes: readonly Uint8Array[]
): Promise<readonly string[]> {
  return (await filesHolding(stage.dir, words, ...bytes)).map((file) => `/${file}`);
}

function untilForgotten(stage: Stage, earlier = ""): Promise<unknown> {
  return until(
    "nothing is left to forget",
    () => /User 502 is forgotten/.test(earlier + stage.bot.output()),
  );
}

Deno.test("/forget leaves no byte of jobs, drafts, settings and ideas in the state, its backups and the log", async () => {
  await using stage = await openStage(options);
  const { ben, anna } = stage;
  const words = ["made and delivered", "готово и доставлено", "running now", "waits in line"];
  for (const caption of words.slice(0, 2)) {
    await ben.sendPhoto(photo, { caption: `${caption} steps=2` });
  }
  const [first] = await untilResults(stage, ben, 2);
  await ben.press(first!, "⭐ Save as idea");
  await set(ben, await openMenu(stage, ben), "negative_prompt", "nothing blurred");
  await anna.sendPhoto(await gradientJpeg(64, 48), { caption: "Аннино steps=2" });
  await untilResults(stage, anna);
  using _hold = holdRun(stage);
  await ben.sendPhoto(photo, { caption: words[2]! });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 4, { what: "a run" });
  await ben.sendPhoto(photo, { caption: words[3]! });
  await untilSaid(stage, ben, /⏳/);
  const group = stage.telegram.group({ id: -1_001_234, title: "Club", members: [ben] });
  await ben.sendPhoto(photo, {
    chat: group,
    caption: `@${stage.telegram.bot.username} steps=banana`,
  });
  await until("a draft", () => filesIn(stage, "input").length === 3);

  // The backup of the day is made again, with all of it.
  await stage.stop();
  await Deno.remove(`${stage.dir}/data/backups`, { recursive: true }).catch(() => {});
  stage.start();
  await until("a backup", () => backupsOf(stage).some((name) => name.endsWith(".kv")));
  const all = [...words, "nothing blurred"];
  for (const each of all) {
    assert.ok((await placesOf(stage, [each])).some((place) => place.includes("/backups/")), each);
  }

  await forget(stage, ben);
  await untilForgotten(stage);
  assert.deepEqual(await placesOf(stage, all, ofPhoto), []);
  assert.deepEqual(filesIn(stage, "input"), []);
  // Anna's is where it was, in the state and in its backup.
  const [backup, state] = ["/data/backups/", "/data/state.kv"];
  for (const place of [backup, state]) {
    assert.ok((await placesOf(stage, ["Аннино"])).some((at) => at.startsWith(place)), place);
  }
  ben.sendText("/status");
  await untilSaid(stage, ben, /You have no jobs/);
});

/** What a job of Ben's is doing, and what lets it go on. */
type Situation = (stage: Stage, words: string) => Promise<() => void>;

const situations: Readonly<Record<string, Situation>> = {
  "is cancelled, and Telegram does not hear of it": async (stage, caption) => {
    const hold = holdRun(stage);
    await stage.ben.sendPhoto(photo, { caption });
    await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "a run" });
    const away = [/^sendMessage$/, /^editMessageCaption$/].map((method) =>
      stage.telegram.faults.add({ method, kind: "500", chat: stage.ben.id })
    );
    return () => {
      hold.remove();
      away.forEach((fault) => fault.remove());
    };
  },
  "is rendered by a ComfyUI that is away": async (stage, caption) => {
    const hold = holdRun(stage);
    await stage.ben.sendPhoto(photo, { caption });
    await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "a run" });
    // It does not refuse but says nothing: the bot waits for it for half a minute.
    const away = stage.comfyui.faults.add({ kind: "http", path: /./, answer: "hang" });
    return () => {
      hold.remove();
      away.remove();
    };
  },
  "is being sent": async (stage, caption) => {
    const away = stage.telegram.faults.add({ method: "sendPhoto", kind: "500" });
    await stage.ben.sendPhoto(photo, { caption });
    await until("a try to send it", () => away.hits > 0);
    return () => away.remove();
  },
};

for (const [what, begin] of Object.entries(situations)) {
  for (const isKilled of [false, true]) {
    const name = `/forget erases a job that ${what}${isKilled ? ", over a kill" : ""}`;
    Deno.test(name, async () => {
      await using stage = await openStage(options);
      const words = "Sésame steps=2";
      stage.ben.sendText("/forget");
      const ask = await untilSaid(stage, stage.ben, "Erase everything that I keep");
      const goOn = await begin(stage, words);
      await stage.ben.press(ask, "🗑 Erase everything");
      await until(
        "the wish is kept",
        async () => (await placesOf(stage, ["lastSeq"])).length > 0,
      );
      const { bot } = stage;
      if (isKilled) await stage.restart();
      goOn();
      // It may have been done just before the kill.
      await untilForgotten(stage, bot.output());
      assert.deepEqual(await placesOf(stage, ["Sésame"], ofPhoto), []);
      assert.deepEqual([filesIn(stage, "input"), filesIn(stage, "output")], [[], []]);
    });
  }
}

Deno.test("what is asked for after /forget is not forgotten with an older job that still ends", async () => {
  await using stage = await openStage(options);
  const { ben } = stage;
  const away = stage.telegram.faults.add({ method: "sendPhoto", kind: "500" });
  await ben.sendPhoto(photo, { caption: "an old one steps=2" });
  await until("a try to send it", () => away.hits > 0);
  const said = await forget(stage, ben);
  assert.match(said.text ?? "", /1 job is just ending and will be erased/);
  await set(ben, await openMenu(stage, ben), "steps", "3");
  await ben.sendPhoto(photo, { caption: "a new one" });
  away.remove();
  const [, second] = await untilResults(stage, ben, 2);
  assert.match(second?.caption ?? "", /^a new one\n\n.*3 steps/);
  await untilForgotten(stage);
  assert.deepEqual(await placesOf(stage, ["an old one"]), []);
  assert.ok((await placesOf(stage, ["a new one"])).length > 0);
  await ben.press(second!, "🔁 Again");
  await untilResults(stage, ben, 3);
});

Deno.test("nothing is made of what was sent before /forget and comes to be handled after it", async () => {
  for (const isKilled of [false, true]) {
    await using stage = await openStage(options);
    const { ben, telegram } = stage;
    const group = telegram.group({ id: -1_001_234, title: "Club", members: [ben] });
    const name = `@${telegram.bot.username}`;
    const slow = telegram.faults.add({ method: "file", kind: "hang" });
    await ben.sendPhoto(photo, { chat: group, caption: `${name} too late` });
    await ben.sendPhoto(photo, { chat: group, caption: `${name} later still` });
    await until("a download", () => slow.hits > 0);
    await forget(stage, ben);
    await untilForgotten(stage);
    if (isKilled) await stage.restart();
    telegram.faults.clear();
    ben.sendText(`${name} /status`, { chat: group });
    ben.sendText("/status", { chat: group });
    await telegram.until(
      () =>
        telegram.messages(group).some(({ text }) => text?.includes("no jobs in this chat")) ||
        telegram.ephemeral(group, ben).some(({ text }) => text?.includes("You have no jobs")),
      { what: "an answer in the group" },
    );
    assert.equal(stage.comfyui.ran.length, 0);
    assert.deepEqual(filesIn(stage, "input"), []);
    assert.deepEqual(await placesOf(stage, ["too late", "later still"], ofPhoto), []);
  }
});

/** What ComfyUI still has of a run: files with bytes of the photo, and a place in its history. */
async function leftInComfyUI({ comfyui }: Stage, run = 0): Promise<readonly string[]> {
  const { promptId, graph } = comfyui.ran[run]!;
  const source = String(graph["78"]?.inputs.image);
  const name = String(graph["102"]?.inputs.filename);
  const outputs = ["png", "jpg", "jpeg"].map((extension) => `${name}.${extension}`);
  const has = (folder: "input" | "output", file: string) =>
    Buffer.from(comfyui.file(folder, "", file) ?? []).includes(Buffer.from(ofPhoto));
  const left = [
    ...(has("input", source) ? ["input"] : []),
    ...(outputs.some((file) => has("output", file)) ? ["output"] : []),
  ];
  const history = await (await fetch(`${comfyui.url}/history`)).text();
  return history.includes(promptId) ? [...left, "history"] : left;
}

function untilComfyUIHasNothing(stage: Stage, run = 0): Promise<unknown> {
  return until(
    "nothing is left in ComfyUI",
    async () => (await leftInComfyUI(stage, run)).length === 0,
  );
}

Deno.test("ComfyUI keeps nothing of a job whose result is fetched, nor of one that was cancelled", async () => {
  await Promise.all(releases.map(async (release) => {
    await using stage = await openStage({ ...options, comfyui: { release } });
    await stage.ben.sendPhoto(photo, { caption: "one steps=2" });
    await untilResults(stage, stage.ben);
    await untilComfyUIHasNothing(stage);
    const hold = holdRun(stage);
    await stage.ben.sendPhoto(photo, { caption: "two steps=5" });
    await stage.comfyui.until(() => stage.comfyui.ran.length === 2, { what: "a run" });
    stage.ben.sendText("/cancel");
    await untilSaid(stage, stage.ben, /Cancelled/);
    hold.remove();
    await untilComfyUIHasNothing(stage, 1);
    // The file that the bot has is whole, and the next edit takes it.
    stage.ben.sendText("three steps=2");
    await untilResults(stage, stage.ben, 2);
    await untilComfyUIHasNothing(stage, 2);
  }));
});

Deno.test("what ComfyUI was to keep is removed by /forget, also when it has forgotten its history", async () => {
  await Promise.all([false, true].map(async (isRestarted) => {
    const config = `${options.config}storage: { keep_in_comfyui: true }\n`;
    await using stage = await openStage({ ...options, config });
    await stage.ben.sendPhoto(photo, { caption: "one steps=2" });
    await untilResults(stage, stage.ben);
    await untilSaid(stage, stage.ben, /^one/);
    assert.deepEqual(await leftInComfyUI(stage), ["input", "output", "history"]);
    if (isRestarted) await stage.comfyui.restart();
    await forget(stage, stage.ben);
    await untilComfyUIHasNothing(stage);
  }));
});

Deno.test("ComfyUI's copies are removed when it is back, over a kill of the bot", async () => {
  await using stage = await openStage(options);
  const hold = holdRun(stage);
  await stage.ben.sendPhoto(photo, { caption: "one steps=2" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "a run" });
  const gone = stage.comfyui.faults.add({
    kind: "http",
    path: /^\/(?:history|upload)/,
    method: "POST",
    answer: "cut",
  });
  hold.remove();
  await untilResults(stage, stage.ben);
  await until("a try to remove it", () => gone.hits > 0);
  await stage.restart();
  assert.ok((await leftInComfyUI(stage)).length > 0);
  gone.remove();
  await untilComfyUIHasNothing(stage);
});
