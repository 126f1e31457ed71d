/** `doctor` on what the host is to others, on the service, and with a real edit. */
import assert from "node:assert/strict";
import { checkExposure } from "../../../src/cli/doctor/network.ts";
import { checkService } from "../../../src/cli/doctor/service.ts";
import { Host } from "../../../src/systemd/host.ts";
import { probeService, type UnitProbe } from "../../../src/systemd/units.ts";
import { cli, comfyAway, folder } from "../cli_fixture.ts";
import { allChecks, examineWith, machine } from "./doctor_fixture.ts";

const { signal } = new AbortController();
const onLoopback = (port: number) => [
  { name: "comfyui", url: `http://127.0.0.1:${port}`, headers: {} },
];
/** On Linux all of 127/8 is this host: what listens on all addresses answers there, what listens on 127.0.0.1 does not. */
const another = "127.0.0.2";

Deno.test("checkExposure() tells a ComfyUI that listens on all addresses from one on loopback", async () => {
  const findings = [];
  for (const hostname of ["0.0.0.0", "127.0.0.1"]) {
    using listener = Deno.listen({ hostname, port: 0 });
    const { port } = listener.addr;
    // The real connection, to an address that counts as another one here.
    const answers = async () => {
      try {
        using _connection = await Deno.connect({ hostname: another, port });
        return true;
      } catch {
        return false;
      }
    };
    const network = { addresses: () => ["127.0.0.1", "192.0.2.7"], answers };
    findings.push(await checkExposure(onLoopback(port), network, signal));
  }
  const [open, shut] = findings;
  assert.equal(open?.status, "warn");
  assert.match(open?.message ?? "", /^ComfyUI listens on all addresses \(192\.0\.2\.7:\d+\)/);
  assert.equal(open?.todo, "start it with --listen 127.0.0.1, or close the port");
  assert.equal(shut?.status, "ok");
});

Deno.test("checkExposure() tries this host's own addresses, and gives up at the deadline", async () => {
  const addresses = Deno.networkInterfaces().map(({ address }) => address)
    .filter((address) => !/^(127\.|::1$|fe80:)/.test(address));
  using listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  const finding = await checkExposure(onLoopback(listener.addr.port), {}, signal);
  const v4 = addresses.filter((address) => !address.includes(":"));
  assert.equal(finding.status, v4.length > 0 ? "warn" : "ok");
  for (const address of v4) assert.ok(finding.message.includes(`${address}:`), address);

  const late = await checkExposure(
    onLoopback(listener.addr.port),
    { addresses: () => ["192.0.2.7"] }, // a network for examples: nobody answers
    AbortSignal.timeout(50),
  );
  assert.equal(late.status, "ok");
});

Deno.test("checkExposure() leaves a ComfyUI on another machine to that one's firewall", async () => {
  const tried: string[] = [];
  const network = {
    addresses: () => ["192.0.2.7", "2001:db8::7"],
    answers: (address: string) => Promise.resolve(tried.push(address) > 0),
  };
  const at = (host: string) =>
    checkExposure([{ name: "gpu", url: `http://${host}:1`, headers: {} }], network, signal);
  assert.match((await at("192.0.2.8")).message, /^ComfyUI is on another host/);
  assert.deepEqual(tried, []);
  assert.match((await at("192.0.2.7")).message, /\(192\.0\.2\.7:1, \[2001:db8::7\]:1\)/);
  assert.equal((await at("[2001:db8::7]")).status, "warn");
  assert.equal((await checkExposure([], network, signal)).message, "no ComfyUI of its own");
});

const running = { load: "loaded", file: "enabled", active: "active", result: "success" };
const unit = (name: string, changes: Partial<UnitProbe> = {}): UnitProbe => ({
  name: `${name}.service`,
  ...running,
  ...changes,
});
const absent = { load: "not-found", file: "", active: "inactive" };

Deno.test("checkService() says what to do about the units", () => {
  const check = (bot: Partial<UnitProbe>, comfyui: Partial<UnitProbe> = {}) => {
    const { status, message, todo = "" } = checkService({
      type: "answered",
      bot: unit("image-edit-bot", bot),
      comfyui: unit("comfyui", comfyui),
    });
    return `${status}: ${message} — ${todo}`;
  };
  assert.match(check({}), /^ok: image-edit-bot\.service is active, comfyui\.service is active/);
  assert.match(check({}, absent), /^ok: image-edit-bot\.service is active — $/);
  assert.match(
    check(absent),
    /^warn: .* not installed as a service — sudo image-edit-bot install$/,
  );
  assert.match(
    check({ file: "disabled" }),
    /^warn: .* — sudo systemctl enable image-edit-bot\.serv/,
  );
  assert.match(
    check({ active: "failed", result: "watchdog" }),
    /^warn: image-edit-bot\.service is not running \(watchdog\) — journalctl -u image-edit-bot\.serv/,
  );
  assert.match(
    check({}, { active: "activating", result: "exit-code" }),
    /^warn: comfyui\.service is not running \(exit-code\)/,
  );
  assert.match(check({ load: "bad-setting" }), /^fail: .* — systemd-analyze verify image-edit-bot/);
  assert.equal(checkService({ type: "absent" }).status, "ok");
  assert.equal(checkService({ type: "unknown", reason: "no" }).status, "warn");
});

Deno.test("probeService() reads what systemctl shows, where systemd started the host", async () => {
  await using root = await folder();
  const shown: Readonly<Record<string, string>> = {
    "image-edit-bot.service":
      "Result=success\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n",
    "comfyui.service":
      "Result=success\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n",
  };
  const there = new Host({
    root: root.path,
    run: (_program, args) =>
      Promise.resolve({ code: 0, out: shown[args.at(-1) ?? ""] ?? "", err: "" }),
  });
  assert.deepEqual(await probeService(there), { type: "absent" });
  await Deno.mkdir(`${root.path}/run/systemd/system`, { recursive: true });
  assert.deepEqual(await probeService(there), {
    type: "answered",
    bot: unit("image-edit-bot"),
    comfyui: unit("comfyui", absent),
  });
  const mute = new Host({
    root: root.path,
    run: () => Promise.resolve({ code: 1, out: "", err: "no" }),
  });
  assert.equal((await probeService(mute)).type, "unknown");
});

Deno.test("doctor() tells of an exposed ComfyUI and of the service beside all else", async () => {
  await using right = await machine();
  const checks = await examineWith(right, {
    network: { addresses: () => ["192.0.2.7"], answers: () => Promise.resolve(true) },
    probeService: () =>
      Promise.resolve({
        type: "answered",
        bot: unit("image-edit-bot", absent),
        comfyui: unit("comfyui"),
      }),
  });
  assert.deepEqual([...checks.keys()], allChecks);
  assert.equal(checks.get("firewall")?.status, "warn");
  assert.equal(checks.get("service")?.status, "warn");
});

Deno.test("doctor --edit runs one edit, says how long it took, and leaves nothing behind", async () => {
  await using right = await machine();
  const { code, out } = await cli(["doctor", "--edit"], { cwd: right.home.path, env: right.env });
  assert.match(out, /^✓ edit: a picture of \d+ × \d+ pixels after \d+\.\d s$/m);
  assert.equal(code, 0);
  assert.equal(right.comfy.ran.length, 1);
  assert.match(JSON.stringify(right.comfy.ran[0]?.graph), /red sunset/);

  await cli(["doctor"], { cwd: right.home.path, env: right.env });
  assert.equal(right.comfy.ran.length, 1, "without --edit none is run");
});

Deno.test("doctor --edit shows a bar on a terminal, on stderr", async () => {
  await using right = await machine();
  const { out, err } = await cli(["doctor", "--edit"], {
    cwd: right.home.path,
    env: { ...right.env, NO_COLOR: "1" },
    isTerminal: true,
  });
  assert.match(err, /█ +100 %/);
  assert.doesNotMatch(out, /█/);
});

Deno.test("doctor --edit says why an edit cannot be run", async () => {
  await using broken = await machine({ models: {} });
  const run = (env: Readonly<Record<string, string>>) =>
    cli(["doctor", "--edit"], { cwd: broken.home.path, env: { ...broken.env, ...env } });
  const lacking = await run({});
  assert.match(
    lacking.out,
    /^✗ edit:\n {4}Cannot run qwen_image_2_1 on this ComfyUI:\n.*"qwen_image_2\.1_int8_convrot/m,
  );
  assert.equal(lacking.code, 1);
  const away = await run(comfyAway);
  assert.match(away.out, /^✗ edit: Cannot ask ComfyUI .*refused/m);
});
