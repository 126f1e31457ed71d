/**
 * `doctor` where Telegram, ComfyUI or a template is broken in one way each.
 *
 * Drives besides: src/cli/doctor/check.ts, src/cli/doctor/telegram.ts, src/cli/doctor/comfyui.ts,
 * src/cli/doctor/config.ts, src/cli/doctor/edit.ts.
 */
import assert from "node:assert/strict";
import { modelsOf2025, releases, startComfyUI } from "../../../lab/comfyui/mod.ts";
import { comfyAway } from "../cli_fixture.ts";
import { allChecks, examine, examineWith, machine } from "./doctor_fixture.ts";

for (const release of releases) {
  Deno.test(`doctor finds nothing wrong with a host where everything is right, ComfyUI ${release}`, async () => {
    await using right = await machine({ release });
    const report = await examine(right);
    assert.deepEqual(report.troubles, []);
    assert.deepEqual(report.checks.map(({ name }) => name), allChecks);
    assert.equal(report.ok, true);
    assert.match(report.named("token").message, /@test_bot \(Test bot\)/);
    const { message } = report.named("ComfyUI");
    assert.match(message, /at http:\/\/127\.0\.0\.1:\d+; cuda:0 .*23\.0 of 24\.0 GB/);
    assert.ok(message.startsWith(`ComfyUI ${release}`), message);
    assert.deepEqual(
      await Array.fromAsync(Deno.readDir(right.home.path), (entry) => entry.name).then((names) =>
        names.sort()
      ),
      [".env", "config.yaml"],
    );
  });
}

Deno.test("doctor names @BotFather when there is no token, and checks all else", async () => {
  await using right = await machine();
  const report = await examine(right, { TELEGRAM_BOT_TOKEN: "" });
  assert.deepEqual(report.troubles, ["token", "clock"]);
  assert.equal(report.named("token").status, "fail");
  assert.match(report.named("token").todo ?? "", /@BotFather.*TELEGRAM_BOT_TOKEN/);
});

Deno.test("doctor says that Telegram refuses a wrong token", async () => {
  await using right = await machine();
  const report = await examine(right, { TELEGRAM_BOT_TOKEN: "1000:WRONG" });
  assert.deepEqual(report.troubles, ["token"]);
  assert.match(report.named("token").message, /rejects it \(401 Unauthorized\)/);
  assert.match(report.named("token").todo ?? "", /@BotFather/);
});

Deno.test("doctor says that Telegram cannot be reached, without the token's URL", async () => {
  await using right = await machine();
  await right.telegram.stop();
  const report = await examine(right);
  assert.deepEqual(report.troubles, ["token", "clock"]);
  assert.match(report.named("token").message, /cannot be reached: connection refused/);
});

Deno.test("doctor says that what answers is no Bot API server", async () => {
  await using right = await machine();
  right.telegram.faults.add({ kind: "502html", method: "getMe" });
  const report = await examine(right);
  assert.match(report.named("token").message, /status 502/);
  assert.deepEqual(report.troubles, ["token"]);
});

Deno.test("doctor asks whether ComfyUI is started when it does not listen", async () => {
  await using right = await machine();
  const report = await examine(right, comfyAway);
  assert.deepEqual(report.troubles, [
    "ComfyUI",
    ...allChecks.filter((name) => name.startsWith("template ")),
  ]);
  const { status, message, todo } = report.named("ComfyUI");
  assert.equal(status, "fail");
  assert.match(message, /refused.*http:\/\/127\.0\.0\.1:\d+$/);
  assert.match(todo ?? "", /systemctl status comfyui/);
  assert.equal(report.named("template qwen_image_edit").status, "warn");
});

Deno.test("doctor doubts the address when something else answers there", async () => {
  await using right = await machine();
  const { host, port } = new URL(right.telegram.url);
  assert.ok(host);
  const report = await examine(right, { COMFYUI_PORT: port });
  assert.match(report.named("ComfyUI").todo ?? "", /COMFYUI_HOST and COMFYUI_PORT/);
  assert.equal(report.ok, false);
});

Deno.test("doctor names a missing model file and what is installed instead", async () => {
  const models = { ...modelsOf2025, checkpoints: ["Qwen-Rapid-AIO-NSFW-v9.safetensors"] };
  await using broken = await machine({ models });
  await broken.home.write("config.yaml", "workflow: { default_file: qwen_image_edit }\n");
  const report = await examine(broken);
  assert.deepEqual(report.troubles, ["template qwen_image_edit"]);
  const { status, message, todo } = report.named("template qwen_image_edit");
  assert.equal(status, "fail");
  assert.match(message, /Node 118 .*"Qwen-Rapid-AIO-NSFW-v11\.4\.safetensors"/);
  assert.match(message, /installed: "Qwen-Rapid-AIO-NSFW-v9\.safetensors"/);
  assert.match(todo ?? "", /workflow\.models\.qwen_image_edit$/);
  const other = report.named("template qwen_image_edit_core");
  assert.equal(other.status, "ok", "nobody asked for it");
  assert.match(other.message, /^not offered:\nNode 118 /);
  assert.match(report.named("templates").message, /; the default is qwen_image_edit_2509$/);
});

Deno.test("doctor fails where ComfyUI can run no template at all, and says how to get one", async () => {
  await using empty = await machine({ models: {} });
  const report = await examine(empty);
  assert.deepEqual(report.troubles, ["templates"]);
  const { status, message, todo } = report.named("templates");
  assert.equal(status, "fail");
  assert.match(message, /^ComfyUI can run none of them: qwen_image_2_1, /);
  assert.match(todo ?? "", /models get NAME/);
  empty.comfy.setModels({ upscale_models: ["RealESRGAN_x4plus.safetensors"] });
  assert.match(
    (await examine(empty)).named("templates").message,
    /; the default is upscale_simple$/,
  );
  empty.comfy.setModels(modelsOf2025);
  assert.match(
    (await examine(empty)).named("templates").message,
    /; the default is qwen_image_edit$/,
  );
});

Deno.test("doctor names a missing custom node and the pack that brings it", async () => {
  await using broken = await machine({ objectInfo: { ClownsharKSampler_Beta: null } });
  await broken.home.write("config.yaml", "workflow: { default_file: qwen_image_edit }\n");
  const report = await examine(broken);
  assert.deepEqual(report.troubles, ["template qwen_image_edit"]);
  const { message } = report.named("template qwen_image_edit");
  assert.match(message, /"ClownsharKSampler_Beta".*install RES4LYF/);
});

Deno.test("doctor forgives a missing custom node that the configured template does not need", async () => {
  await using broken = await machine({ objectInfo: { ClownsharKSampler_Beta: null } });
  await broken.home.write(
    "config.yaml",
    "workflow:\n  default_file: workflows/qwen_image_edit_core.json\n",
  );
  const report = await examine(broken);
  assert.deepEqual(report.troubles, []);
  assert.match(report.named("template qwen_image_edit").message, /^not offered:\nNode 121 /);
  assert.equal(report.ok, true);
});

Deno.test("doctor says which templates there are when the configured one is not", async () => {
  await using right = await machine();
  await right.home.write(
    "config.yaml",
    "workflow:\n  default_file: workflows/qwen_image_edits.json\n",
  );
  const { status, message } = (await examine(right)).named("templates");
  assert.equal(status, "fail");
  assert.match(message, /Did you mean qwen_image_edit\?/);
});

Deno.test("doctor checks each of several backends", async () => {
  await using right = await machine();
  await using second = await startComfyUI({
    models: modelsOf2025,
    objectInfo: { ClownsharKSampler_Beta: null },
  });
  const backends = [right.comfy, second].map(({ host, port }, i) =>
    `    - { name: gpu${i}, host: ${host}, port: ${port} }\n`
  );
  await right.home.write(
    "config.yaml",
    `workflow: { default_file: qwen_image_edit }\ncomfyui:\n  backends:\n${backends.join("")}`,
  );
  const report = await examine(right);
  assert.equal(report.named("ComfyUI gpu0").status, "ok");
  assert.equal(report.named("ComfyUI gpu1").status, "ok");
  assert.deepEqual(report.troubles, ["template qwen_image_edit on gpu1"]);
  assert.ok(report.ok, "its jobs go to gpu0");
  assert.match(
    report.named("template qwen_image_edit on gpu1").message,
    /^its jobs go to another ComfyUI:\nNode 121 /,
  );
  assert.equal(report.named("template qwen_image_edit_core on gpu0, gpu1").status, "ok");
  assert.match(report.named("templates").message, /; the default is qwen_image_edit$/);

  // The first one has nothing at all.
  await using empty = await startComfyUI({ models: {} });
  await right.home.write(
    "config.yaml",
    `comfyui:\n  backends:\n    - { name: bare, host: ${empty.host}, port: ${empty.port} }\n${
      backends.join("")
    }`,
  );
  const three = await examine(right);
  assert.deepEqual(three.troubles, []);
  assert.match(three.named("templates").message, /; the default is qwen_image_edit/);
});

Deno.test("doctor takes a machine that sleeps for no failure where the bot can wake it", async () => {
  await using right = await machine();
  const { host, port } = right.comfy;
  const write = (wake: string) =>
    right.home.write(
      "config.yaml",
      "comfyui:\n  backends:\n" +
        `    - { name: awake, host: ${host}, port: ${port} }\n` +
        `    - { name: asleep, host: ${host}, port: 2${wake} }\n`,
    );
  await write(", wake: aa:bb:cc:dd:ee:ff");
  const report = await examine(right);
  assert.ok(report.ok);
  const { status, todo } = report.named("ComfyUI asleep");
  assert.equal(status, "warn");
  assert.match(todo ?? "", /the bot wakes it \(aa:bb:cc:dd:ee:ff\) when jobs wait/);
  await write("");
  assert.equal((await examine(right)).named("ComfyUI asleep").status, "fail");
});

Deno.test("doctor() does not wait for servers that say nothing", async () => {
  await using right = await machine();
  right.telegram.faults.add({ kind: "hang" });
  right.comfy.faults.add({ kind: "http", path: /./, answer: "hang" });
  const checks = await examineWith(right, {}, { timeoutMs: 50 });
  assert.match(checks.get("token")?.message ?? "", /cannot be reached: no answer in time/);
  assert.match(checks.get("ComfyUI")?.message ?? "", /^no answer in time, at /);
});

Deno.test("doctor says that a webhook keeps the messages away, and not its secret path", async () => {
  await using right = await machine();
  await using withWebhook = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) =>
      Response.json({
        ok: true,
        result: url.endsWith("/getMe")
          ? { id: 1000, is_bot: true, first_name: "Hook", username: "hook_bot" }
          : { url: "https://example.org/secret-path", pending_update_count: 3 },
      }),
  );
  const report = await examine(right, {
    TELEGRAM_API_ROOT: `http://127.0.0.1:${withWebhook.addr.port}`,
  });
  const { status, message, todo } = report.named("token");
  assert.equal(status, "fail");
  assert.match(message, /@hook_bot \(Hook\) has a webhook to example\.org, /);
  assert.match(todo ?? "", /deleteWebhook/);
});
