/** `models get`: what a template lacks, asked, said and downloaded, with a simulated ComfyUI and a server that breaks off. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { startComfyUI } from "../../../lab/comfyui/mod.ts";
import { readEmbedded } from "../../../src/templates/loader.ts";
import { cli, type CliOptions, comfyAway, folder } from "../cli_fixture.ts";
import { content, file, serve } from "./breaking_server.ts";

const hub = "https://huggingface.co";
const unet = "new_model.safetensors";
const lora = "new_lora.safetensors";
const sha256 = createHash("sha256").update(content).digest("hex");

/** A template that wants two files that no ComfyUI has, and two that the simulated one has. */
function templateFiles(urls: { readonly unet: string; readonly lora?: string }) {
  const { graph, manifest } = readEmbedded().find(({ name }) => name === "qwen_image_edit_2509")!;
  const models = [
    "models:",
    `- { input: 37.unet_name, file: ${unet}, folder: diffusion_models, size: 58 KB, url: "${urls.unet}" }`,
    `- { input: 89.lora_name, file: ${lora}, folder: loras, sha256: ${sha256}${
      urls.lora === undefined ? "" : `, url: "${urls.lora}"`
    } }`,
    "- { input: 38.clip_name, file: qwen_2.5_vl_7b_fp8_scaled.safetensors, folder: text_encoders, url: 'http://x.test/a' }",
    "- 39.vae_name",
  ].join("\n");
  return {
    json: graph.replace("qwen_image_edit_2509_fp8_e4m3fn.safetensors", unet)
      .replace("Qwen-Image-Edit-2509-Lightning-4steps-V1.0-bf16.safetensors", lora),
    yaml: manifest.replace(/^models:\n(?: .*\n)+/m, `${models}\n`),
  };
}

/** A bot's folder with that template as `mine`, a folder of models, and a ComfyUI that names it. */
async function setUp(urls: Parameters<typeof templateFiles>[0]) {
  const stack = new AsyncDisposableStack();
  const bot = stack.use(await folder());
  const models = stack.use(await folder());
  const comfyui = stack.use(await startComfyUI({ modelsDir: models.path }));
  await Deno.mkdir(`${bot.path}/workflows`);
  const { json, yaml } = templateFiles(urls);
  await bot.write("workflows/mine.json", json);
  await bot.write("workflows/mine.yaml", yaml);
  const run = (args: readonly string[], options: Partial<CliOptions> = {}) =>
    cli(args, {
      cwd: bot.path,
      ...options,
      env: { COMFYUI_HOST: comfyui.host, COMFYUI_PORT: `${comfyui.port}`, ...options.env },
    });
  return {
    bot,
    models,
    cli: run,
    run: (args: readonly string[] = [], options: Partial<CliOptions> = {}) =>
      run(["models", "get", "mine", ...args], options),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const unetPath = (models: { path: string }) => `${models.path}/diffusion_models/${unet}`;
const loraPath = (models: { path: string }) => `${models.path}/loras/${lora}`;

Deno.test("models get downloads what is missing into ComfyUI's folders, and only that", async () => {
  await using server = serve((asked) => file(asked, 40_000));
  await using stage = await setUp({ unet: `${hub}/unet`, lora: `${hub}/lora` });
  const env = { HF_ENDPOINT: new URL(server.url).origin, HF_TOKEN: "hf_secret" };
  const { code, out, err } = await stage.run(["--yes"], { env });
  assert.equal(code, 0, err);
  assert.match(out, /^mine lacks 2 files; licence: Apache-2\.0\n/);
  assert.match(out, new RegExp(`${unetPath(stage.models)}  58 KB\n    ${hub}/unet\n`));
  assert.deepEqual(await Deno.readFile(unetPath(stage.models)), content);
  assert.deepEqual(await Deno.readFile(loraPath(stage.models)), content);
  assert.deepEqual(
    new Set(server.asked.map(({ line }) => line)),
    new Set(["GET /unet HTTP/1.1", "GET /lora HTTP/1.1"]),
  );
  assert.equal(server.asked[0]!.headers.get("authorization"), "bearer hf_secret");
  assert.doesNotMatch(out + err, /hf_secret/);

  const asked = server.asked.length;
  const again = await stage.run(["--yes"], { env });
  assert.deepEqual([again.code, again.out], [0, "mine lacks no model file.\n"]);
  assert.equal(server.asked.length, asked);
});

Deno.test("nothing is downloaded that was not agreed to", async () => {
  await using server = serve((asked) => file(asked));
  await using stage = await setUp({ unet: server.url, lora: server.url });
  const refusals: readonly (readonly [Partial<CliOptions>, RegExp])[] = [
    [{}, /there is no terminal to confirm on \(wanted --yes\)/],
    [{ isTerminal: true, typed: "\n" }, /Download\? \[y\/N\] /],
    [{ isTerminal: true, typed: "no\n" }, /Download\? \[y\/N\] /],
    [{ isTerminal: true }, /Download\? \[y\/N\] /],
  ];
  for (const [options, words] of refusals) {
    const { code, err } = await stage.run([], options);
    assert.equal(code, 1);
    assert.match(err, words);
  }
  assert.equal(server.asked.length, 0);
  const { code, err } = await stage.run([], { isTerminal: true, typed: "y\n" });
  assert.equal(code, 0);
  assert.match(err, /█ +100 % +59 KB of 59 KB +new_model\.safetensors/);
  assert.deepEqual(await Deno.readFile(unetPath(stage.models)), content);
});

Deno.test("without ComfyUI the folder is named, and files that are there stay", async () => {
  await using server = serve((asked) => file(asked));
  await using stage = await setUp({ unet: server.url, lora: server.url });
  const env = { ...comfyAway, COMFYUI_HOST: "127.0.0.1" };
  const unasked = await stage.run(["--yes"], { env });
  assert.notEqual(unasked.code, 0);
  assert.match(
    unasked.err,
    /^Cannot tell where ComfyUI keeps its models: it does not say \(wanted --models-dir DIR/,
  );

  const mine = new TextEncoder().encode("mine");
  for (const name of ["loras", "text_encoders"]) await Deno.mkdir(`${stage.models.path}/${name}`);
  await Deno.writeFile(loraPath(stage.models), mine);
  await Deno.writeFile(
    `${stage.models.path}/text_encoders/qwen_2.5_vl_7b_fp8_scaled.safetensors`,
    mine,
  );
  const { code, err } = await stage.run(["-y", "--models-dir", stage.models.path], { env });
  assert.equal(code, 0, err);
  assert.deepEqual(await Deno.readFile(unetPath(stage.models)), content);
  assert.deepEqual(await Deno.readFile(loraPath(stage.models)), mine);
  assert.equal(server.asked.length, 1);
});

Deno.test("what cannot be downloaded is said, the rest is downloaded", async () => {
  await using server = serve((asked) => file(asked));
  await using stage = await setUp({ unet: server.url });
  const { code, err } = await stage.run(["--yes"]);
  assert.equal(code, 1);
  assert.match(
    err,
    /^Cannot download new_lora\.safetensors: the manifest of mine does not say from where \(wanted url/,
  );
  assert.deepEqual(await Deno.readFile(unetPath(stage.models)), content);
});

Deno.test("a file that the owner replaced in config.yaml is not missed", async () => {
  await using server = serve((asked) => file(asked));
  await using stage = await setUp({ unet: server.url, lora: server.url });
  await stage.bot.write(
    "config.yaml",
    "workflow: { models: { mine: { 37.unet_name: my_own.safetensors, 89.lora_name: other.safetensors } } }\n",
  );
  assert.deepEqual((await stage.run(["--yes"])).out, "mine lacks no model file.\n");
});

Deno.test("a disk without room, a name that is no template, and a missing name are one sentence", async () => {
  await using server = serve((asked) => file(asked));
  await using stage = await setUp({ unet: server.url, lora: server.url });
  const path = `${stage.bot.path}/workflows/mine.yaml`;
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace("58 KB", "900000 GB"));
  const full = await stage.run(["--yes"]);
  assert.match(full.err, /^Cannot download: [\d.]+ GB are free at \S+ \(wanted 900000\.0 GB\)\n$/);
  assert.equal(server.asked.length, 0);

  const env = comfyAway;
  const unknown = await cli(["models", "get", "qwen_imge_edit"], { cwd: stage.bot.path, env });
  assert.match(unknown.err, /qwen_imge_edit.*qwen_image_edit/);
  const none = await cli(["models", "get"], { cwd: stage.bot.path, env });
  assert.match(none.err, /^Cannot get models: NAME is missing \(wanted a template: .*mine/);
  assert.deepEqual([unknown.code, none.code], [64, 64]);
});

Deno.test("doctor and workflows check say of a missing file what it is and how to get it", async () => {
  await using stage = await setUp({ unet: `${hub}/unet`, lora: `${hub}/lora` });
  await stage.bot.write("config.yaml", "workflow: { default_file: mine }\n");
  for (const command of [["workflows", "check", "mine"], ["doctor"]]) {
    const { out, err } = await stage.cli(command);
    assert.match(
      out + err,
      /It is 58 KB, belongs into models\/diffusion_models, is at https:\/\/huggingface\.co\/unet \(image-edit-bot models get mine\)\./,
    );
    assert.match(
      out + err,
      /It belongs into models\/loras, is at https:\/\/huggingface\.co\/lora \(image-edit-bot models get mine\)\./,
    );
  }
});
