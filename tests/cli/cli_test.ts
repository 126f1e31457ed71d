/**
 * The command line: valid and invalid arguments, help, and how a command ends.
 *
 * Drives besides: src/cli/subcommands.ts, src/cli/core/help.ts, src/cli/core/command.ts, src/cli/core/args.ts,
 * src/cli/core/alike.ts,
 * src/cli/commands/workflows.ts, src/cli/commands/explain.ts, src/cli/commands/config_check.ts.
 */
import assert from "node:assert/strict";
import { modelsOf2025, startComfyUI } from "../../lab/comfyui/mod.ts";
import { failureOf, StopRequest } from "../../src/cli/core/exit_code.ts";
import { version } from "../../src/lib/version.ts";
import { cli, comfyAway, folder } from "./cli_fixture.ts";

const nowhere = { cwd: "/" };
const token = { TELEGRAM_BOT_TOKEN: "1000:TEST" };

Deno.test("--version and -V show the version, whatever else is there", async () => {
  for (const args of [["--version"], ["-V"], ["doctor", "--version"]]) {
    const { code, out } = await cli(args, nowhere);
    assert.equal(out, `image-edit-bot ${version} (deno ${Deno.version.deno})\n`);
    assert.equal(code, 0);
  }
});

Deno.test("--help, -h and help show every command", async () => {
  for (const args of [["--help"], ["-h"], ["help"]]) {
    const { code, out } = await cli(args, nowhere);
    assert.equal(code, 0);
    for (const name of ["[run]", "doctor", "edit", "workflows list", "config check"]) {
      assert.ok(out.includes(`image-edit-bot ${name}`), name);
    }
  }
});

Deno.test("help of a command shows its options, help of a group its commands", async () => {
  for (const args of [["edit", "--help"], ["help", "edit"], ["-h", "edit"]]) {
    const { out } = await cli(args, nowhere);
    assert.match(
      out,
      /^Usage: image-edit-bot edit --image FILE… \[--text TEXT\] --out FILE \[--set/,
    );
    assert.match(out, /--force +overwrite/);
  }
  const { out } = await cli(["workflows", "--help"], nowhere);
  assert.match(out, /workflows list[^]*workflows check \[NAME\]/);
  assert.match(
    (await cli(["workflows", "check", "a", "-h"], nowhere)).out,
    /^Usage: .* check \[NAME\]/,
  );
});

Deno.test("a wrong command line is one sentence and exit code 64", async () => {
  const edit = ["edit", "--image", "a", "--text", "b"];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["doctr"], /^Unknown command "doctr"; did you mean doctor\?$/],
    [["config", "chekc"], /^Unknown command "config chekc"; did you mean check\?$/],
    [["launch"], /^Unknown command "launch" \(there are run, worker, doctor, edit, .*help\)$/],
    [
      ["workflows"],
      /^"workflows" is not a command of its own \(there are workflows list, workflows check, workflows import\)$/,
    ],
    [["help", "doctr"], /^Unknown command "doctr"; did you mean doctor\?$/],
    [["doctor", "--jsno"], /^Unknown option --jsno; did you mean --json\?$/],
    [
      ["run", "--json"],
      /^Unknown option --json \(there are --config, --version, --help\)$/,
    ],
    [["doctor", "-x"], /^Unknown option -x /],
    [["doctor", "--json=yes"], /^--json takes no value$/],
    [["doctor", "now"], /^Unexpected argument "now" after doctor$/],
    [["--config"], /^--config requires a value \(--config FILE\)$/],
    [["edit", "--image", "--text", "b"], /^--image requires a value \(--image FILE;/],
    [edit, /^edit requires --out FILE$/],
    [[...edit, "--out", "c", "--out", "d"], /^--out may be set only once$/],
    [["edit", "--imgae", "a.png"], /^Unknown option --imgae; did you mean --image\?$/],
    [["--constructor"], /^Unknown option --constructor /],
  ];
  for (const [args, sentence] of cases) {
    const { code, out, err } = await cli(args, nowhere);
    assert.match(err.trimEnd(), sentence, args.join(" "));
    assert.equal(err.trimEnd().split("\n").length, 1);
    assert.equal(out, "");
    assert.equal(code, 64, args.join(" "));
  }
});

Deno.test("config check says OK and shows what is in force, never the token", async () => {
  await using home = await folder({
    ".env": "TELEGRAM_BOT_TOKEN=1000:TEST-SECRET\nADMIN_USER_IDS=7,8\nDATA_DIR=pictures\n",
    "config.yaml": "workflow:\n  defaults: { steps: 12 }\nqueue:\n  max_size: 5\n",
  });
  const { code, out, err } = await cli(["config", "check"], { cwd: home.path });
  assert.match(out, /^OK\n/);
  assert.match(out, /admins +7, 8\n/);
  assert.match(out, new RegExp(`DATA_DIR +${home.path}/pictures\n`));
  assert.match(out, /defaults +steps 12\n/);
  assert.match(out, /queue +5 jobs/);
  assert.doesNotMatch(out + err, /TEST-SECRET/);
  assert.equal(err, "");
  assert.equal(code, 0);
});

Deno.test("config check warns of settings that no template takes", async () => {
  await using home = await folder({
    "config.yaml": "workflow:\n  default_file: workflows/mine.json\n  limits: { min_steps: 60 }\n",
  });
  const { code, err } = await cli(["config", "check"], { cwd: home.path, env: token });
  assert.match(err, /^⚠ .*ADMIN_USER_IDS/m);
  assert.match(err, /^⚠ workflow\.default_file: There is no template "mine"\. There are: qwen/m);
  assert.match(err, /^⚠ workflow\.limits of steps are ignored in qwen_image_edit:/m);
  assert.equal(code, 0);
});

Deno.test("config check lists every problem with its place, and exit code 78", async () => {
  await using home = await folder({
    "config.yaml": "queue:\n  max_size: 0\nimage:\n  maxsize: 1\n",
  });
  const { code, out, err } = await cli(["config", "check"], { cwd: home.path });
  assert.match(err, /TELEGRAM_BOT_TOKEN is not set/);
  assert.match(err, /^config\.yaml:2:13: /m);
  assert.match(err, /^config\.yaml:4:3: /m);
  assert.equal(out, "");
  assert.equal(code, 78);
});

Deno.test("--config takes .env and workflows from beside the file", async () => {
  await using elsewhere = await folder();
  await using home = await folder({
    ".env": "TELEGRAM_BOT_TOKEN=1000:TEST\n",
    "my.yaml": "queue:\n  max_size: 9\n",
  });
  const args = ["config", "check", "--config", `${home.path}/my.yaml`];
  const { code, out } = await cli(args, { cwd: elsewhere.path });
  assert.equal(code, 0);
  assert.match(out, /queue +9 jobs/);
  assert.match(out, new RegExp(`DATA_DIR +${home.path}/data\n`));
  const missing = await cli(["config", "check", "--config", "no.yaml"], { cwd: elsewhere.path });
  assert.match(missing.err, /Cannot read .*no\.yaml: there is no such file/);
  assert.equal(missing.code, 78);
});

Deno.test("workflows list shows the embedded templates, and the owner's file in place of one", async () => {
  await using home = await folder();
  await Deno.mkdir(`${home.path}/workflows`);
  const graph = await Deno.readTextFile(
    new URL("../../workflows/qwen_image_edit.json", import.meta.url),
  );
  await home.write("workflows/qwen_image_edit.json", graph);
  await home.write("workflows/broken.json", "{");
  const { code, out, err } = await cli(["workflows", "list"], { cwd: home.path });
  assert.match(out, /^qwen_image_2_1\n/);
  assert.match(out, /^qwen_image_edit\n/m);
  assert.match(out, /^ +pictures +1 to 3\n +parameters +steps 8 \(1 to 50\)\n/m);
  assert.match(
    out,
    new RegExp(`graph +${home.path}/workflows/qwen_image_edit\\.json\n +manifest +embedded`),
  );
  assert.match(out, /^qwen_image_edit_core\n/m);
  assert.match(err, /workflows\/broken\.json/);
  assert.equal(code, 0);
});

Deno.test("workflows check tells of each template, and by its exit code of the configured or named one", async () => {
  await using home = await folder();
  await using comfy = await startComfyUI({
    models: modelsOf2025,
    objectInfo: { ClownsharKSampler_Beta: null },
  });
  const env = { COMFYUI_PORT: String(comfy.port) };
  const check = (...args: readonly string[]) =>
    cli(["workflows", "check", ...args], { cwd: home.path, env });

  const all = await check();
  assert.match(all.out, /^qwen_image_edit:\n {2}Node 121 is a "ClownsharKSampler_Beta".*RES4LYF/m);
  assert.match(all.out, /^qwen_image_edit_core: OK$/m);
  assert.match(all.out, /^The default is qwen_image_edit_core\.$/m);
  assert.equal(all.code, 0);
  await home.write("config.yaml", "workflow: { default_file: qwen_image_edit }\n");
  assert.equal((await check()).code, 1, "the configured one cannot run");
  const { out: listed } = await cli(["workflows", "list"], { cwd: home.path, env });
  assert.match(listed, /^qwen_image_edit \(default\)$/m);

  const one = await check("qwen_image_edit_core");
  assert.equal(one.out, "qwen_image_edit_core: OK\n");
  assert.equal(one.code, 0);

  const none = await check("qwen_image_edit_cor");
  assert.match(none.err, /There is no template .* Did you mean qwen_image_edit_core\?/);
  assert.equal(none.code, 65);

  await home.write(
    "config.yaml",
    "workflow:\n  default_file: workflows/qwen_image_edit_core.json\n",
  );
  assert.equal((await check()).code, 0);

  const away = await cli(["workflows", "check"], { cwd: home.path, env: comfyAway });
  assert.match(away.err, /^Cannot ask ComfyUI .*refused.*systemctl status comfyui\)\n$/);
  assert.equal(away.code, 69);
});

Deno.test("workflows check tells of each template on each of several ComfyUIs", async () => {
  await using home = await folder();
  await using whole = await startComfyUI({ models: modelsOf2025 });
  await using other = await startComfyUI({
    models: modelsOf2025,
    objectInfo: { ClownsharKSampler_Beta: null },
  });
  const check = async (...ports: readonly number[]) => {
    const backends = ports.map((port, i) => `{ name: gpu${i}, host: 127.0.0.1, port: ${port} }`);
    await home.write(
      "config.yaml",
      `workflow: { default_file: qwen_image_edit }\ncomfyui: { backends: [${backends}] }\n`,
    );
    return await cli(["workflows", "check"], { cwd: home.path, env: {} });
  };
  const both = await check(other.port, whole.port);
  assert.match(
    both.out,
    /^qwen_image_edit:\n {2}gpu0:\n {4}Node 121 is a "ClownsharKSampler_Beta".*\n {2}gpu1: OK\n/m,
  );
  assert.match(both.out, /^qwen_image_edit_core:\n {2}gpu0, gpu1: OK\n/m);
  assert.match(both.out, /^The default is qwen_image_edit\.$/m);
  assert.deepEqual([both.code, both.err], [0, ""]);
  const neither = await check(other.port, other.port);
  assert.equal(neither.code, 1);
  const half = await check(other.port, 2);
  assert.match(half.err, /^gpu1 was not checked: .*\n$/);
  assert.equal(half.code, 1);
  assert.equal((await check(whole.port, 2)).code, 0);
  assert.equal((await check(2, 2)).code, 69);
});

Deno.test("runCli() tells of a crash in one sentence, with the stack when logging.level is DEBUG", async () => {
  await using home = await folder();
  const secret = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const stdoutError = new Error(`the sky fell on ${secret}`);
  const options = { cwd: home.path, env: token, stdoutError };
  const quiet = await cli(["config", "check"], options);
  assert.equal(quiet.err, "Cannot continue: the sky fell on [redacted]\n");
  assert.equal(quiet.code, 70);

  await home.write("config.yaml", "logging: { level: DEBUG }\n");
  const loud = await cli(["config", "check"], options);
  assert.match(loud.err, /^Cannot continue: the sky fell .*\n[^]*^ {4}at /m);
  assert.doesNotMatch(loud.err, /AAAA/);
});

Deno.test("runCli() ends at an error that is not caught: exit code 70", async () => {
  await using home = await folder();
  const uncaught = new Error("nobody caught me");
  const { code, err } = await cli(["workflows", "list"], { cwd: home.path, uncaught });
  assert.equal(err, "Cannot continue: nobody caught me\n");
  assert.equal(code, 70);
});

Deno.test("runCli() goes on when its output is no longer read", async () => {
  await using home = await folder();
  const stdoutError = new Deno.errors.BrokenPipe("Broken pipe");
  const { code, err } = await cli(["workflows", "list"], { cwd: home.path, stdoutError });
  assert.equal(err, "");
  assert.equal(code, 0);
});

Deno.test("failureOf() tells a webhook from another process, and a stop from a failure", () => {
  const conflict = (description: string) =>
    failureOf(Object.assign(new Error(description), { error_code: 409 }));
  assert.equal(conflict("Conflict: terminated by other getUpdates request").code, 75);
  const webhook = conflict("Conflict: can't use getUpdates method while webhook is active");
  assert.equal(webhook.code, 78);
  assert.match(webhook.message, /deleteWebhook/);
  assert.deepEqual(failureOf(new StopRequest(143)), {
    code: 143,
    message: "Stopped.",
    expected: true,
  });
  assert.equal(failureOf("a string").code, 70);
});
