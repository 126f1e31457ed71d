/**
 * The units as systemd itself reads them. `systemd-analyze verify` (Debian package `systemd`) also wants every program
 * of an ExecStart= to be there, which on a test machine none is: the copies that it gets start `true` instead.
 */
import assert from "node:assert/strict";

const UNITS = [
  "comfyui.service",
  "image-edit-bot.service",
  "image-edit-bot-worker.service",
] as const;

function readUnit(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../systemd/${name}`, import.meta.url));
}

async function hasSystemdAnalyze(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("systemd-analyze", { args: ["--version"] }).output();
    return success;
  } catch {
    return false;
  }
}

/** What `systemd-analyze verify` says of a folder of units; empty where it finds nothing wrong. */
async function verify(units: ReadonlyMap<string, string>): Promise<string> {
  const dir = await Deno.makeTempDir();
  try {
    for (const [name, text] of units) {
      const startable = text.replace(/^(ExecStart=)\S+/m, "$1/bin/true");
      await Deno.writeTextFile(`${dir}/${name}`, startable);
    }
    const { stdout, stderr, code } = await new Deno.Command("systemd-analyze", {
      args: ["verify", "--man=no", ...[...units.keys()].map((name) => `${dir}/${name}`)],
      // Only these units and the system's own are looked at, not what else this host has set up.
      env: { SYSTEMD_UNIT_PATH: `${dir}:/usr/lib/systemd/system:/lib/systemd/system` },
    }).output();
    const decoder = new TextDecoder();
    const complaints = decoder.decode(stdout) + decoder.decode(stderr);
    return code === 0 ? complaints : `exit code ${code}: ${complaints}`;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const canVerify = await hasSystemdAnalyze();

Deno.test({
  name: "systemd-analyze verify finds nothing wrong with the units",
  ignore: !canVerify,
  async fn() {
    const units = new Map<string, string>();
    for (const name of UNITS) units.set(name, await readUnit(name));
    assert.equal(await verify(units), "");
  },
});

Deno.test({
  name: "systemd-analyze verify complains of a unit with an unknown key",
  ignore: !canVerify,
  async fn() {
    const unit = await readUnit("comfyui.service");
    const broken = unit.replace("RestartSec=", "RestartSecs=");
    assert.match(await verify(new Map([["comfyui.service", broken]])), /RestartSecs/);
  },
});

/** What `systemd-analyze security` makes of the unit: 0 is shut in, 10 is free. */
async function exposure(unit: string): Promise<number> {
  const dir = await Deno.makeTempDir();
  try {
    const path = `${dir}/image-edit-bot.service`;
    await Deno.writeTextFile(path, unit);
    const { stdout } = await new Deno.Command("systemd-analyze", {
      args: ["security", "--offline=true", "--no-pager", path],
    }).output();
    const [, level] =
      /Overall exposure level for \S+: ([\d.]+)/.exec(new TextDecoder().decode(stdout)) ?? [];
    assert.ok(level, "no exposure level");
    return Number(level);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test({
  name: "systemd-analyze security counts the bot among the well shut in: at most 2.0",
  ignore: !canVerify,
  async fn() {
    const unit = await readUnit("image-edit-bot.service");
    assert.ok(await exposure(unit) <= 2);
    const open = unit.replaceAll(
      /^(SystemCallFilter|CapabilityBoundingSet|ProtectSystem)=.*\n/gm,
      "",
    );
    assert.ok(await exposure(open) > 2, "the level tells a difference");
  },
});

Deno.test("image-edit-bot.service hears from the bot that it is up and lives, and belongs to ComfyUI", async () => {
  const unit = await readUnit("image-edit-bot.service");
  assert.match(unit, /^Type=notify$/m);
  assert.match(unit, /^NotifyAccess=main$/m);
  assert.match(unit, /^WatchdogSec=\d+$/m);
  // The bot gives itself 8 s for what is on its way.
  assert.match(unit, /^TimeoutStopSec=15$/m);
  assert.match(unit, /^Requires=comfyui\.service$/m);
});

Deno.test("comfyui.service listens on loopback alone", async () => {
  assert.match(await readUnit("comfyui.service"), /^ExecStart=.* --listen 127\.0\.0\.1 /m);
});

Deno.test("image-edit-bot.service starts the binary after ComfyUI and lets V8 compile", async () => {
  const unit = await readUnit("image-edit-bot.service");
  assert.match(unit, /^ExecStart=\/opt\/image-edit-bot\/image-edit-bot run$/m);
  assert.match(unit, /^After=.*\bnetwork-online\.target\b.*\bcomfyui\.service$/m);
  assert.match(unit, /^EnvironmentFile=\/opt\/image-edit-bot\/\.env$/m);
  assert.match(unit, /^Restart=always$/m);
  assert.doesNotMatch(unit, /^MemoryDenyWriteExecute=/m);
});
