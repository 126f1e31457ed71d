/**
 * `install` on a host in a folder: what it makes, what it leaves alone, and its undoing.
 *
 * Drives besides: src/systemd/step.ts.
 */
import assert from "node:assert/strict";
import { cli, folder } from "../cli/cli_fixture.ts";
import { machine } from "./install_fixture.ts";

const units = "/etc/systemd/system";
const bot = "/opt/image-edit-bot";

Deno.test("install makes users, folders, files and units, and says how to start the bot", async () => {
  await using there = await machine();
  const { code, out, err } = await there.install();
  assert.equal(err, "");
  assert.equal(code, 0);
  const useradd = "useradd --system --user-group --no-create-home --home-dir";
  assert.deepEqual(there.commands, [
    `${useradd} /opt/image-edit-bot --shell /usr/sbin/nologin botuser`,
    `${useradd} /opt/ComfyUI --shell /usr/sbin/nologin comfyui`,
    "systemctl daemon-reload",
    "systemctl enable image-edit-bot.service",
    "systemctl enable comfyui.service",
  ]);
  for (
    const [path, mode] of [
      [bot, "755"],
      [`${bot}/data`, "750"],
      [`${bot}/logs`, "750"],
      ["/var/log/comfyui", "755"],
      [`${bot}/image-edit-bot`, "755"],
      [`${bot}/.env`, "600"],
      [`${bot}/config.yaml`, "644"],
      [`${units}/image-edit-bot.service`, "644"],
      [`${units}/comfyui.service`, "644"],
    ] as const
  ) assert.equal(await there.mode(path), mode, path);
  assert.equal(await there.read(`${bot}/image-edit-bot`), "the binary, version 1");
  assert.match(await there.read(`${bot}/.env`), /^TELEGRAM_BOT_TOKEN=$/m);
  for (const unit of ["image-edit-bot.service", "comfyui.service"]) {
    const shipped = await Deno.readTextFile(new URL(`../../systemd/${unit}`, import.meta.url));
    assert.equal(await there.read(`${units}/${unit}`), shipped, "the defaults are as it ships");
  }
  assert.match(out, /^useradd .*\ninstall -d -m 755 \/opt\/image-edit-bot\n/m);
  assert.match(out, /There is no main\.py and no venv\/bin\/python in \/opt\/ComfyUI/);
  assert.match(out, /sudoedit \/opt\/image-edit-bot\/\.env[^]*sudo systemctl start image-edit-bot/);
  assert.equal(there.running.size, 0);
});

Deno.test("install changes nothing the second time, and says so", async () => {
  await using there = await machine();
  await there.install();
  const before = await there.snapshot();
  there.commands.length = 0;
  const { code, out } = await there.install();
  assert.match(out, /^Nothing to change\.$/m);
  assert.deepEqual(there.commands, []);
  assert.deepEqual(await there.snapshot(), before);
  assert.equal(code, 0);
});

Deno.test("install --dry-run prints the steps that install takes, for any user, and changes nothing", async () => {
  await using there = await machine();
  const before = await there.snapshot();
  const dry = await there.install({ dryRun: true }, false);
  assert.equal(dry.code, 0);
  assert.deepEqual(await there.snapshot(), before);
  assert.deepEqual(there.commands, []);
  const steps = ({ out }: { readonly out: string }) =>
    out.split("\n").filter((line) => /^(useradd|install|test|systemctl) /.test(line));
  const wet = await there.install();
  assert.deepEqual(steps(dry), steps(wet));
  assert.ok(steps(wet).length > 10);

  const again = await there.install({ dryRun: true });
  assert.deepEqual(steps(again), []);
  assert.match(again.out, /^# already done: systemctl enable comfyui\.service$/m);
  assert.match(again.out, /^Nothing was changed/m);
});

Deno.test("install brings a new version into the place of the old one, and keeps what is the owner's", async () => {
  await using there = await machine();
  await there.install();
  await there.root.write("program", "the binary, version 2");
  await there.root.write(`${bot}/.env`, "COMFYUI_PORT=8190\nDATA_DIR=/srv/pictures\n");
  await there.root.write(`${bot}/config.yaml`, "queue: { max_size: 5 }\n");
  await there.root.write(`${units}/comfyui.service`, "[Service]\nExecStart=/my/comfyui\n");
  there.running.add("image-edit-bot.service");
  there.commands.length = 0;

  const { out } = await there.install();
  assert.equal(await there.read(`${bot}/image-edit-bot`), "the binary, version 2");
  assert.match(await there.read(`${bot}/.env`), /^COMFYUI_PORT=8190\n/);
  assert.match(await there.read(`${bot}/config.yaml`), /^queue: /);
  assert.match(await there.read(`${units}/comfyui.service`), /\/my\/comfyui/);
  assert.match(out, /comfyui\.service exists already and was not changed/);
  assert.match(
    await there.read(`${units}/image-edit-bot.service`),
    /^ReadWritePaths=-\/srv\/pictures -\/opt\/image-edit-bot\/logs -\/opt\/image-edit-bot\/workflows$/m,
  );
  assert.equal(await there.mode("/srv/pictures"), "750");
  assert.deepEqual(there.commands, ["systemctl daemon-reload"]);
  assert.match(out, /sudo systemctl restart image-edit-bot\.service/);
});

Deno.test("install takes from all other users the right to read a .env that is there", async () => {
  await using there = await machine();
  await there.install();
  await there.root.write(`${bot}/.env`, "TELEGRAM_BOT_TOKEN=1000:TEST\n");
  await Deno.chmod(there.root.path + `${bot}/.env`, 0o644);
  await there.install();
  assert.equal(await there.mode(`${bot}/.env`), "600");
  assert.equal(await there.read(`${bot}/.env`), "TELEGRAM_BOT_TOKEN=1000:TEST\n");
});

Deno.test("install puts the bot elsewhere, as another user, without ComfyUI", async () => {
  await using there = await machine();
  const { out } = await there.install({ dir: "/home/anna/bot", user: "anna", withComfyUI: false });
  const unit = await there.read(`${units}/image-edit-bot.service`);
  assert.match(unit, /^User=anna$/m);
  assert.match(unit, /^WorkingDirectory=\/home\/anna\/bot$/m);
  assert.match(unit, /^EnvironmentFile=\/home\/anna\/bot\/\.env$/m);
  assert.match(unit, /^ExecStart=\/home\/anna\/bot\/image-edit-bot run$/m);
  assert.match(
    unit,
    /^ReadWritePaths=-\/home\/anna\/bot\/data -\/home\/anna\/bot\/logs -\/home\/anna\/bot\/workflows$/m,
  );
  assert.match(unit, /^ProtectHome=read-only$/m);
  assert.doesNotMatch(unit, /\/opt\//);
  assert.doesNotMatch(out, /comfyui/i);
  assert.deepEqual(Object.keys(await there.snapshot(units)), [`${units}/image-edit-bot.service`]);
});

Deno.test("install fits comfyui.service to where ComfyUI is", async () => {
  await using there = await machine();
  await Deno.mkdir(`${there.root.path}/srv/ComfyUI/venv/bin`, { recursive: true });
  await there.root.write("srv/ComfyUI/main.py", "");
  await there.root.write("srv/ComfyUI/venv/bin/python", "");
  const { out } = await there.install({ comfyuiDir: "/srv/ComfyUI" });
  const unit = await there.read(`${units}/comfyui.service`);
  assert.match(unit, /^WorkingDirectory=\/srv\/ComfyUI$/m);
  assert.match(
    unit,
    /^ExecStart=\/srv\/ComfyUI\/venv\/bin\/python main\.py --listen 127\.0\.0\.1/m,
  );
  assert.doesNotMatch(out, /⚠/);
});

Deno.test("install --uninstall stops, disables and removes, and keeps settings and pictures", async () => {
  await using there = await machine();
  await there.install();
  there.running.add("image-edit-bot.service");
  there.commands.length = 0;
  const { code, out } = await there.install({ uninstall: true });
  assert.equal(code, 0);
  assert.deepEqual(there.commands, [
    "systemctl stop image-edit-bot.service",
    "systemctl disable image-edit-bot.service",
    "systemctl disable comfyui.service",
    "systemctl daemon-reload",
  ]);
  assert.deepEqual(await there.snapshot(units), {});
  assert.deepEqual(Object.keys(await there.snapshot(bot)).sort(), [
    `${bot}/.env`,
    `${bot}/config.yaml`,
    `${bot}/data`,
    `${bot}/logs`,
    `${bot}/workflows`,
  ]);
  assert.match(
    out,
    /^Kept: \/opt\/image-edit-bot\/\.env, .* \(--purge removes them\)/m,
  );

  const again = await there.install({ uninstall: true });
  assert.match(again.out, /^Nothing to change/m);
});

Deno.test("install --uninstall --purge removes what is ours, and nothing that may not be", async () => {
  await using there = await machine();
  await there.install();
  await there.root.write(`${bot}/.env`, "DATA_DIR=/srv/pictures\n");
  await there.install();
  await there.root.write(`${units}/comfyui.service`, "[Service]\nExecStart=/my/comfyui\n");
  await there.root.write(`${bot}/notes.txt`, "mine");
  const { out } = await there.install({ uninstall: true, purge: true });
  // Without its .env it is unknown where DATA_DIR was; it is outside and stays.
  assert.deepEqual(Object.keys(await there.snapshot(bot)).sort(), [
    `${bot}/data`,
    `${bot}/notes.txt`,
    `${bot}/workflows`, // the owner's templates
  ]);
  assert.equal(await there.mode("/srv/pictures"), "750");
  assert.deepEqual(Object.keys(await there.snapshot(units)), [`${units}/comfyui.service`]);
  assert.match(out, /^Kept: \/opt\/image-edit-bot, \/srv\/pictures;/m);
});

Deno.test("install refuses what it cannot do, in one sentence", async () => {
  await using there = await machine();
  const before = await there.snapshot();
  const cases: readonly (readonly [Parameters<typeof there.install>, RegExp, number])[] = [
    [[{}, false], /^Cannot install: permission denied \(wanted root: sudo;/, 77],
    [[{ uninstall: true }, false], /^Cannot uninstall: permission denied/, 77],
    [[{ user: "Bot User" }], /^Cannot install for user "Bot User"/, 73],
    [[{ dir: "/opt/my bot" }], /^Cannot install into \/opt\/my bot /, 73],
    [[{ dir: "/opt/%n" }], /^Cannot install into \/opt\/%n /, 73],
    [[{ dir: "/" }], /^Cannot install into \/ /, 73],
    [[{ purge: true }], /^--purge requires --uninstall\n$/, 64],
  ];
  for (const [args, sentence, exit] of cases) {
    const { code, out, err } = await there.install(...args);
    assert.match(err, sentence);
    assert.equal(err.trimEnd().split("\n").length, 1);
    assert.equal(out, "");
    assert.equal(code, exit, err);
  }
  there.broken.add("systemctl");
  const { code, err } = await there.install();
  assert.match(err, /^Cannot install: there is no systemctl/);
  assert.equal(code, 69);
  assert.deepEqual(await there.snapshot(), before);
});

Deno.test("install says which step failed and why", async () => {
  await using there = await machine();
  there.broken.add("useradd");
  const { code, err } = await there.install();
  assert.match(err, /^Cannot useradd .* botuser: it ended with 1 \(useradd: no way\)\n$/);
  assert.equal(code, 73);
});

Deno.test("install --root makes the files below a folder and runs no program", async () => {
  await using home = await folder();
  const options = ["--root", "fake", "--dry-run"];
  const { code, out } = await cli(["install", ...options], { cwd: home.path });
  assert.equal(code, 0);
  assert.match(out, /^# not run with --root: useradd .* botuser$/m);
  assert.match(out, /^# not run with --root: systemctl enable image-edit-bot\.service$/m);
  assert.match(
    out,
    /^install -m 644 \/dev\/stdin \/etc\/systemd\/system\/image-edit-bot\.service$/m,
  );
  assert.deepEqual([...Deno.readDirSync(home.path)], []);
});

Deno.test("install --worker makes the worker's unit in place of the bot's, and --uninstall removes it", async () => {
  await using there = await machine();
  const { code, out } = await there.install({ isWorker: true, withComfyUI: false });
  assert.equal(code, 0);
  const unit = `${units}/image-edit-bot-worker.service`;
  assert.match(
    await there.read(unit),
    /^ExecStart=\/opt\/image-edit-bot\/image-edit-bot worker$/m,
  );
  await assert.rejects(there.read(`${units}/image-edit-bot.service`), Deno.errors.NotFound);
  assert.match(out, /config\.yaml {3}queue\.url and worker\.name[^]*start image-edit-bot-worker/);
  await there.install({ isWorker: true, withComfyUI: false, uninstall: true });
  await assert.rejects(there.read(unit), Deno.errors.NotFound);
});
