/**
 * `edit` from the io to a simulated ComfyUI and back.
 *
 * Drives besides: src/cli/commands/edit_request.ts, src/cli/commands/edit_copies.ts.
 */
import assert from "node:assert/strict";
import {
  type ComfyOptions,
  modelsOf2025,
  type SimulatedComfyUI,
  startComfyUI,
} from "../../../lab/comfyui/mod.ts";
import { animatedGif, gradientPng } from "../../../lab/pictures.ts";
import { textIn } from "../../../src/i18n/mod.ts";
import { createProgressBar } from "../../../src/cli/core/progress_bar.ts";
import { inspectImage } from "../../../src/images/inspect.ts";
import { readEmbedded } from "../../../src/templates/loader.ts";
import { cli, comfyAway, endOf, type Folder, folder, spawnCli } from "../cli_fixture.ts";

interface Desk extends AsyncDisposable {
  readonly comfy: SimulatedComfyUI;
  readonly home: Folder;
  readonly env: Readonly<Record<string, string>>;
  /** `edit` of `in.png` to `out.png`; later options win. */
  edit(...args: readonly string[]): ReturnType<typeof cli>;
}

async function desk(comfyOptions: ComfyOptions = {}): Promise<Desk> {
  await using parts = new AsyncDisposableStack();
  const comfy = parts.use(await startComfyUI({ stepMs: 1, models: modelsOf2025, ...comfyOptions }));
  const home = parts.use(
    await folder({
      "in.png": gradientPng(48, 32),
      "second.png": gradientPng(20, 30),
      "config.yaml": "image:\n  scale_megapixels: 0.01\n",
    }),
  );
  const kept = parts.move();
  const env = { COMFYUI_PORT: String(comfy.port) };
  return {
    comfy,
    home,
    env,
    edit: (...args) => cli(["edit", "--image", "in.png", ...args], { cwd: home.path, env }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const toOut = ["--text", "make it night", "--out", "out.png"];

function imageOf(bytes: Uint8Array) {
  const inspected = inspectImage(bytes, { maxBytes: 1e8, allowedFormats: ["png"] });
  assert.ok(inspected.ok);
  return inspected.image;
}

function isThere(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

Deno.test("edit writes the result and says seed, steps and seconds", async () => {
  await using at = await desk();
  const { code, out, err } = await at.edit(...toOut, "--set", "steps=3", "--set", "seed=42");
  assert.match(out, /^out\.png: seed 42, 3 steps, \d+\.\d s\n$/, err);
  assert.equal(code, 0);
  const bytes = await Deno.readFile(`${at.home.path}/out.png`);
  assert.ok(imageOf(bytes).width > 0);
  assert.doesNotMatch(new TextDecoder("latin1").decode(bytes), /tEXt|make it night/);
  assert.deepEqual(err.trimEnd().split("\n").at(-1), "100 %");
});

Deno.test("edit draws another seed each time and takes parameters from the text", async () => {
  await using at = await desk();
  const text = ["--text", "make it night steps=2", "--out", "out.png", "--force"];
  const seeds = new Set<string>();
  for (let i = 0; i < 2; i++) {
    const { out, err } = await at.edit(...text);
    const [, seed = ""] = /seed (\d+), 2 steps/.exec(out) ?? [];
    assert.notEqual(seed, "", out + err);
    seeds.add(seed);
  }
  assert.equal(seeds.size, 2);
  const { out } = await at.edit(...text, "--set", "steps=4");
  assert.match(out, /, 4 steps,/, "--set wins over the text");
});

Deno.test("edit sends two pictures, and another template takes its own steps", async () => {
  await using at = await desk();
  await at.home.write("config.yaml", "storage: { keep_in_comfyui: true }\n");
  const { code, out, err } = await at.edit(
    "--image",
    `${at.home.path}/second.png`,
    ...toOut,
    "--template",
    "qwen_image_edit_2509",
  );
  assert.equal(code, 0, err);
  assert.match(out, /, 4 steps,/);
  const [run] = at.comfy.ran;
  const names = ["1.png", "2.png"].map((end) => `image-edit-bot_${run?.promptId}_${end}`);
  const sizes = names.map((name) => imageOf(at.comfy.file("input", "", name)!).height);
  assert.deepEqual(sizes, [32, 30]);
});

/** What ComfyUI has of the only run: its files, and whether its history has it. */
async function keptOf({ comfy }: Desk) {
  const { promptId } = comfy.ran[0]!;
  const names = [`image-edit-bot_${promptId}_1.png`, `image-edit-bot_${promptId}_00001_.png`];
  const history = await (await fetch(`${comfy.url}/history`)).json();
  return {
    input: comfy.file("input", "", names[0]!)?.length,
    output: comfy.file("output", "", names[1]!)?.length,
    history: promptId in history,
  };
}

Deno.test("edit leaves no picture and no words in ComfyUI, unless storage.keep_in_comfyui is set", async () => {
  for (const isKept of [false, true]) {
    await using at = await desk();
    await at.home.write("config.yaml", `storage: { keep_in_comfyui: ${isKept} }\n`);
    const { code, err } = await at.edit(...toOut, "--template", "qwen_image_edit_core");
    assert.equal(code, 0, err);
    const { input, output, history } = await keptOf(at);
    assert.ok(isKept === (input! > 100), `${input}`);
    assert.ok(isKept === (output! > 100), `${output}`);
    assert.equal(history, isKept);
  }
});

Deno.test("edit leaves no picture in ComfyUI after a failure, and says so where it cannot remove it", async () => {
  for (const isAway of [false, true]) {
    await using at = await desk();
    at.comfy.faults.add({ kind: "error", exceptionType: "RuntimeError", exceptionMessage: "x" });
    const path = /^\/history$/;
    if (isAway) at.comfy.faults.add({ kind: "http", method: "POST", path, answer: 500 });
    const { code, err } = await at.edit(...toOut);
    assert.equal(code, 70, err);
    assert.ok((await keptOf(at)).input! < 100);
    const isSaid = /^Cannot remove what ComfyUI keeps of this edit: /m.test(err);
    assert.equal(isSaid, isAway, err);
  }
});

Deno.test("edit to - writes nothing but the picture to stdout", async () => {
  await using at = await desk();
  const { code, outBytes, err } = await at.edit("--text", "make it night", "--out", "-");
  assert.equal(code, 0);
  assert.ok(imageOf(outBytes).width > 0);
  assert.match(err, /^-: seed \d+, 8 steps/m);
});

Deno.test("edit says what is wrong with parameters and lists what there is: exit code 65", async () => {
  await using at = await desk();
  const { code, out, err } = await at.edit(
    ...["--text", "make it night stepz=3", "--out", "out.png"],
    ...["--set", "steps=99", "--set", "sampler=eulr", "--set", "cfgg=1", "--set", "nonsense"],
  );
  assert.match(err, /^There is no parameter “stepz”\. Did you mean steps\?$/m);
  assert.match(err, /^steps: must be at most 50$/m);
  assert.match(err, /^sampler: there is no “eulr”\. Similar: .*linear\/euler/m);
  assert.match(err, /^There is no parameter “cfgg”\. Did you mean cfg\?$/m);
  assert.match(err, /^Cannot set "nonsense" \(wanted NAME=VALUE\)$/m);
  assert.match(err, /^qwen_image_edit has:\n {2}steps 8 \(1 to 50\)\n/m);
  assert.match(err, /^ {2}sampler linear\/euler \(one of \d+ in ComfyUI\)$/m);
  assert.equal(code, 65);
  assert.equal(out, "");
  assert.deepEqual(at.comfy.ran, []);
});

Deno.test("edit refuses a text that holds parameters alone, and an unknown template", async () => {
  await using at = await desk();
  const silent = await at.edit("--text", "steps=3", "--out", "out.png");
  assert.match(silent.err, /^Cannot edit: --text is empty/);
  assert.equal(silent.code, 65);
  const unknown = await at.edit(...toOut, "--template", "qwen");
  assert.match(unknown.err, /^There is no template "qwen"\..* There are: qwen_image_2_1, /);
  assert.equal(unknown.code, 65);
});

Deno.test("edit says of each picture what is wrong with it: exit code 65", async () => {
  await using at = await desk();
  await at.home.write("gif.png", animatedGif());
  await at.home.write("cut.png", gradientPng(48, 32).subarray(0, 40));
  await at.home.write("text.png", "no picture");
  const { code, err } = await cli([
    ...["edit", "--image", "gif.png", "--image", "cut.png", "--image", "none.png", ...toOut],
  ], { cwd: at.home.path, env: at.env });
  assert.deepEqual(err.trimEnd().split("\n").map((line) => line.replace(at.home.path, "")), [
    "Cannot edit /gif.png: it is a gif (wanted jpeg or png or webp)",
    "Cannot edit /cut.png: its end is missing (wanted the whole file)",
    "Cannot read /none.png: there is no such file (wanted a picture)",
  ]);
  assert.equal(code, 65);

  for (const name of ["b", "c", "d"]) await at.home.write(name, gradientPng(48, 32));
  const four = await at.edit("--image", "b", "--image", "c", "--image", "d", ...toOut);
  assert.match(four.err, /^Cannot edit 4 pictures: qwen_image_edit takes 1 to 3\n$/);
  assert.equal(four.code, 65);
});

Deno.test("edit keeps a file that is there, unless --force: exit code 73", async () => {
  await using at = await desk();
  await at.home.write("out.png", "mine");
  const kept = await at.edit(...toOut);
  assert.match(kept.err, /^Cannot write .*\/out\.png: it exists already \(wanted --force/);
  assert.equal(kept.code, 73);
  assert.equal(await Deno.readTextFile(`${at.home.path}/out.png`), "mine");
  assert.deepEqual(at.comfy.ran, [], "no work for nothing");

  assert.equal((await at.edit(...toOut, "--force")).code, 0);
  assert.ok(imageOf(await Deno.readFile(`${at.home.path}/out.png`)).width > 0);

  const nowhere = await at.edit("--text", "x", "--out", "no/out.png");
  assert.match(nowhere.err, /there is no such folder/);
  assert.equal(nowhere.code, 73);
});

Deno.test("edit keeps a file that came while it worked: exit code 73", async () => {
  await using at = await desk();
  const hold = at.comfy.faults.add({ kind: "stuck" });
  const editing = at.edit(...toOut);
  await at.comfy.until(() => at.comfy.ran[0]?.outcome === "running", { what: "the run" });
  await at.home.write("out.png", "mine");
  hold.remove();
  const { code, err } = await editing;
  assert.match(err, /^Cannot write .*\/out\.png: /m);
  assert.equal(code, 73);
  assert.equal(await Deno.readTextFile(`${at.home.path}/out.png`), "mine");
});

Deno.test("edit says in one sentence that ComfyUI is away: exit code 69", async () => {
  await using at = await desk();
  const { code, out, err } = await cli(["edit", "--image", "in.png", ...toOut], {
    cwd: at.home.path,
    env: comfyAway,
  });
  assert.match(
    err,
    /^Cannot ask ComfyUI .*refused.* \(is it started\? systemctl status comfyui\)\n$/,
  );
  assert.equal(out, "");
  assert.equal(code, 69);
});

Deno.test("edit names what ComfyUI lacks for the template: exit code 78", async () => {
  await using at = await desk({ objectInfo: { ClownsharKSampler_Beta: null } });
  const { code, err } = await at.edit(...toOut, "--template", "qwen_image_edit");
  assert.match(err, /^Cannot run qwen_image_edit on this ComfyUI:\n {2}Node 121 .*RES4LYF/);
  assert.equal(code, 78);
  assert.deepEqual(at.comfy.ran, []);
});

Deno.test("edit takes the best template that ComfyUI can run, and says so where another one was configured", async () => {
  await using at = await desk({ objectInfo: { ClownsharKSampler_Beta: null } });
  const first = await at.edit(...toOut);
  assert.equal(first.code, 0, first.err);
  assert.doesNotMatch(first.err, /Using/);
  await at.home.write("config.yaml", "workflow: { default_file: qwen_image_edit }\n");
  const next = await at.edit(...toOut, "--force");
  assert.match(
    next.err,
    /^Using qwen_image_edit_core: this ComfyUI cannot run qwen_image_edit\.$/m,
  );
  const classes = at.comfy.ran.map(({ graph }) => JSON.stringify(graph).includes("KSampler"));
  assert.deepEqual(classes, [true, true]);
});

Deno.test("edit enlarges a picture without words, and takes none", async () => {
  await using at = await desk({
    models: { upscale_models: ["RealESRGAN_x4plus.safetensors"] },
  });
  const upscale = ["--template", "upscale_simple", "--out", "out.png"];
  const words = await at.edit(...upscale, "--text", "make it night");
  assert.match(words.err, /^Cannot edit: upscale_simple takes no words/);
  assert.equal(words.code, 65);
  const { code, err } = await at.edit(...upscale, "--set", "megapixels=1");
  assert.equal(code, 0, err);
  const { width, height } = imageOf(await Deno.readFile(`${at.home.path}/out.png`));
  assert.ok(width * height > 900_000, `${width} × ${height}`);
  const silent = await at.edit("--out", "other.png", "--template", "qwen_image_edit_core");
  assert.match(silent.err, /^Cannot edit: --text is empty/);
});

Deno.test("edit says why ComfyUI failed: exit code 70", async () => {
  await using at = await desk();
  at.comfy.faults.add({
    kind: "error",
    exceptionType: "torch.OutOfMemoryError",
    exceptionMessage: "Allocation on device",
  });
  const { code, err } = await at.edit(...toOut);
  assert.match(err, /^Cannot run node 121 .*out of memory/m);
  assert.equal(code, 70);
  assert.equal(await isThere(`${at.home.path}/out.png`), false);
});

Deno.test("edit gives up a prompt that is silent for queue.timeout_seconds: exit code 70", async () => {
  await using at = await desk();
  await at.home.write("config.yaml", "queue:\n  timeout_seconds: 1\n");
  at.comfy.faults.add({ kind: "stuck" });
  const { code, err } = await at.edit(...toOut);
  assert.match(err, /^Cannot wait any longer: .* 1 s \(queue\.timeout_seconds\)$/m);
  assert.equal(code, 70);
  assert.equal(at.comfy.ran[0]?.outcome, "interrupted");
});

Deno.test("edit interrupts the prompt in ComfyUI at Ctrl-C: exit code 130", async () => {
  await using at = await desk();
  at.comfy.faults.add({ kind: "stuck" });
  const child = spawnCli(["edit", "--image", "in.png", ...toOut], {
    cwd: at.home.path,
    env: at.env,
  });
  await at.comfy.until(() => at.comfy.ran[0]?.outcome === "running", { what: "the run" });
  child.kill("SIGINT");
  const { code, err } = await endOf(child);
  assert.match(err, /^Stopped\.$/m);
  assert.equal(code, 130);
  await at.comfy.until(() => at.comfy.ran[0]?.outcome === "interrupted", { what: "its end" });
  assert.ok((await keptOf(at)).input! < 100);
  assert.equal(await isThere(`${at.home.path}/out.png`), false);
});

Deno.test("edit ends at once at a second Ctrl-C, whatever ComfyUI does", async () => {
  await using at = await desk();
  at.comfy.faults.add({ kind: "stuck" });
  const child = spawnCli(["edit", "--image", "in.png", ...toOut], {
    cwd: at.home.path,
    env: at.env,
  });
  await at.comfy.until(() => at.comfy.ran[0]?.outcome === "running", { what: "the run" });
  // What only asks is no sign that the signal has come: the run is asked about all the time.
  const [stopping] = (["POST", "GET"] as const).map((method) =>
    at.comfy.faults.add({ kind: "http", method, path: /./, answer: "hang" })
  );
  child.kill("SIGINT");
  await at.comfy.until(() => stopping!.hits > 0, { what: "a call to stop the run" });
  child.kill("SIGINT");
  const { code, err } = await endOf(child);
  assert.equal(code, 130);
  assert.doesNotMatch(err, /Stopped/);
});

/** What a bar writes for three steps of four and the end. */
function drawn(isTerminal: boolean): string {
  let text = "";
  const stream = {
    writeSync(bytes: Uint8Array) {
      text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
    isTerminal: () => isTerminal,
  };
  {
    using bar = createProgressBar(stream, textIn("en").duration);
    bar.wait("waiting");
    bar.show({ fraction: 0.05, leftMs: undefined });
    bar.show({ fraction: 0.5, step: { value: 2, max: 4 }, leftMs: 8_000 });
    bar.show({ fraction: 0.55, step: { value: 3, max: 4 }, leftMs: 4_000 });
    bar.show({ fraction: 1, step: { value: 4, max: 4 }, leftMs: 0 });
  }
  return text;
}

Deno.test("createProgressBar() draws one line again and again on a terminal, and takes it away", () => {
  const lines = drawn(true).split("\r\x1b[2K").slice(1);
  assert.equal(lines[0], "waiting");
  assert.equal(lines[2], `${"█".repeat(12)}${"░".repeat(12)}  50 %  step 2 of 4  about 8 s left`);
  assert.equal(lines.at(-2), `${"█".repeat(24)} 100 %  step 4 of 4`);
  assert.equal(lines.at(-1), "");
});

Deno.test("createProgressBar() writes a line per 10 % where there is no terminal", () => {
  assert.equal(drawn(false), "50 %\n100 %\n");
});

Deno.test("edit refuses what the policy refuses: words, a value, a negative prompt that undresses", async () => {
  await using at = await desk();
  const to = ["--out", "out.png"];
  for (
    const [args, what] of [
      [["--text", "remove her dress"], "--text"],
      [["--text", "make it night", "--set", "negative_prompt=clothes, dress"], "negative_prompt"],
    ] as const
  ) {
    const { code, err } = await at.edit(...args, ...to);
    assert.match(err, new RegExp(`Cannot edit: the policy refuses ${what} \\(undressing`));
    assert.equal(code, 65);
  }
  assert.equal(await isThere(`${at.home.path}/out.png`), false);
});

Deno.test("edit writes the further results beside the first one", async () => {
  await using at = await desk();
  const core = readEmbedded().find(({ name }) => name === "qwen_image_edit_core")!;
  const graph = JSON.parse(core.graph);
  graph["300"] = { class_type: "ImageInvert", inputs: { image: ["8", 0] } };
  for (const id of ["301", "302"]) {
    graph[id] = { class_type: "SaveImage", inputs: { images: ["300", 0], filename_prefix: id } };
  }
  await Deno.mkdir(`${at.home.path}/workflows`);
  await Deno.writeTextFile(`${at.home.path}/workflows/several.json`, JSON.stringify(graph));
  await Deno.writeTextFile(`${at.home.path}/workflows/several.yaml`, core.manifest);
  const several = ["--template", "several", "--set", "seed=42"];
  const { code, out, err } = await at.edit(...toOut, ...several);
  assert.equal(code, 0, err);
  assert.match(out, /^out\.png, out_2\.png, out_3\.png: seed 42/);
  for (const name of ["out", "out_2", "out_3"]) {
    assert.ok(imageOf(await Deno.readFile(`${at.home.path}/${name}.png`)).width > 0, name);
  }
});
