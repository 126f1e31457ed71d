/**
 * `init`: the first files of a folder, and that it leaves alone what is there.
 *
 * Drives besides: src/cli/commands/init.ts.
 */
import assert from "node:assert/strict";
import { parseEnvText } from "../../src/config/env.ts";
import { sampleConfig, sampleEnv } from "../../src/config/samples.ts";
import { cli, folder } from "../cli/cli_fixture.ts";

const token = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async function modeOf(path: string): Promise<number> {
  return (await Deno.stat(path)).mode! & 0o777;
}

Deno.test("init writes a .env for its owner alone and the documented config.yaml, and says what comes next", async () => {
  await using home = await folder();
  const { code, out, err } = await cli(["init"], { cwd: home.path });
  assert.equal(code, 0, err);
  assert.match(out, /^wrote \.env\nwrote config\.yaml\n\nNext:\n {2}1\. edit \.env: TELEGRAM_BOT/);
  assert.match(out, /image-edit-bot doctor[^]*image-edit-bot run/);
  assert.equal(await modeOf(`${home.path}/.env`), 0o600);
  assert.equal(await Deno.readTextFile(`${home.path}/config.yaml`), sampleConfig());
  const env = await Deno.readTextFile(`${home.path}/.env`);
  assert.match(env, /^# Settings of image-edit-bot\. Comments/);
  assert.match(env, /^TELEGRAM_BOT_TOKEN=$/m);
  assert.deepEqual(
    (await Array.fromAsync(Deno.readDir(home.path), ({ name }) => name)).sort(),
    [".env", "config.yaml"],
  );
});

Deno.test("init fills .env in, so that config check is satisfied", async () => {
  await using home = await folder();
  const options = ["--token", token, "--admin", "7", "--admin", "8", "--comfyui", "gpu.lan:8189"];
  const { code, out } = await cli(["init", "bot", ...options], { cwd: home.path });
  assert.equal(code, 0);
  assert.match(out, /^wrote bot\/\.env\n[^]*1\. cd bot\n {2}2\. image-edit-bot doctor/);
  assert.doesNotMatch(out, /AAAA/);
  const check = await cli(["config", "check"], { cwd: `${home.path}/bot` });
  assert.match(check.out, /^OK\n[^]*admins +7, 8\n/);
  assert.match(check.out, /gpu\.lan:8189/);
  assert.equal(check.err, "");
});

Deno.test("init leaves alone what is there, and says so", async () => {
  await using home = await folder({ ".env": "DATA_DIR=mine\n" });
  const { code, out } = await cli(["init"], { cwd: home.path });
  assert.match(out, /^kept existing \.env\nwrote config\.yaml\n/);
  assert.equal(await Deno.readTextFile(`${home.path}/.env`), "DATA_DIR=mine\n");
  assert.equal(code, 0);

  const again = await cli(["init", "--token", token], { cwd: home.path });
  assert.match(again.err, /^Cannot use --token: \.env exists already \(wanted --force/);
  assert.equal(again.code, 73);
  assert.equal(await Deno.readTextFile(`${home.path}/.env`), "DATA_DIR=mine\n");
});

Deno.test("init --force replaces both files, and readers of the old .env cannot read the new one", async () => {
  await using home = await folder({ ".env": "old\n", "config.yaml": "old\n" });
  await Deno.chmod(`${home.path}/.env`, 0o644);
  const { code, out } = await cli(["init", "--force", "--token", token], { cwd: home.path });
  assert.equal(code, 0);
  assert.match(out, /^replaced \.env\nreplaced config\.yaml\n/);
  assert.equal(await modeOf(`${home.path}/.env`), 0o600);
  assert.match(
    await Deno.readTextFile(`${home.path}/.env`),
    new RegExp(`^TELEGRAM.*=${token}$`, "m"),
  );
});

Deno.test("init refuses what .env could not hold, and writes nothing", async () => {
  await using home = await folder();
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["--token", "secret-word"], /^Cannot use --token: its format is not that of a token/],
    [["--token="], /^Cannot use --token: it is empty$/],
    [["--admin", "@anna"], /^Cannot use --admin: "@anna" \(wanted numeric Telegram user ids/],
    [
      ["--comfyui", "http://gpu/?a"],
      /^Cannot use --comfyui: "http:\/\/gpu\/\?a" \(wanted an address/,
    ],
    [["--comfyui", "gpu/x"], /^Cannot use --comfyui: "gpu\/x" \(wanted a host/],
    [["--comfyui", "gpu:99999"], /^Cannot use --comfyui: "99999" \(wanted a port/],
  ];
  for (const [args, sentence] of cases) {
    const { code, out, err } = await cli(["init", ...args], { cwd: home.path });
    assert.match(err.trimEnd(), sentence, args.join(" "));
    assert.doesNotMatch(err, /secret-word/);
    assert.equal(out, "");
    assert.equal(code, 65);
  }
  assert.deepEqual([...Deno.readDirSync(home.path)], []);
});

Deno.test("init says that a folder cannot be written", async () => {
  await using home = await folder({ file: "" });
  const { code, err } = await cli(["init", "file/bot"], { cwd: home.path });
  assert.match(err, /^Cannot write file\/bot\/\.env: /);
  assert.equal(code, 73);
});

Deno.test("sampleEnv() takes an IPv6 address with its port", () => {
  const env = sampleEnv({ comfyui: "[::1]:8189" });
  assert.ok(env.ok);
  const { entries, problems } = parseEnvText({ path: ".env", text: env.text });
  assert.deepEqual(problems, []);
  assert.equal(entries.get("COMFYUI_HOST")?.value, "[::1]");
  assert.equal(entries.get("COMFYUI_PORT")?.value, "8189");
});

Deno.test("sampleEnv() takes a whole address of ComfyUI", () => {
  const env = sampleEnv({ comfyui: "https://gpu.example.com:8443/comfy" });
  assert.ok(env.ok);
  const { entries } = parseEnvText({ path: ".env", text: env.text });
  assert.equal(entries.get("COMFYUI_URL")?.value, "https://gpu.example.com:8443/comfy");
});
