/** What the program may do is enough for it, and no more than that. The bot is main.ts, or the binary that IMAGE_EDIT_BOT names. */
import assert from "node:assert/strict";
import { openStage, startBot } from "../lab/stage.ts";
import { patienceMs, until } from "../lab/until.ts";
import { permissions } from "../permissions.ts";
import { folder } from "./cli/cli_fixture.ts";
import { seriesOf } from "./monitoring/scrape.ts";
import { listenNotify } from "./systemd/notify_fixture.ts";

const root = new URL("../", import.meta.url);

/** Runs a script with the program's permissions, in a terminal of its own (script(1)), and gives the lines that it logs. */
async function linesOf(
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script.replaceAll('from "./', `from "${root}`));
    const command = [Deno.execPath(), "run", "--quiet", ...permissions, file].join(" ");
    const { stdout } = await new Deno.Command("/usr/bin/script", {
      args: ["--quiet", "--command", command, "/dev/null"],
      cwd: root,
      env: { ...env, NO_COLOR: "1" },
      stdin: "null",
      // A question would wait.
      signal: AbortSignal.timeout(patienceMs),
    }).output();
    return new TextDecoder().decode(stdout).trim().split("\r\n");
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("permissions refuse what the program has no need of, and never prompt", async () => {
  await using own = await folder();
  await Deno.writeTextFile(`${own.path}/systemctl`, "#!/bin/sh\n", { mode: 0o755 });
  const lines = await linesOf(
    `
    import { DatabaseSync } from "node:sqlite";
    const acts = {
      "any program": () => new Deno.Command("/bin/sh").outputSync(),
      "one of that name elsewhere": () => new Deno.Command("systemctl").outputSync(),
      "another process": () => Deno.readTextFileSync("/proc/1/maps"),
      "the machine's name": () => Deno.hostname(),
      "files by SQL": () => new DatabaseSync(":memory:").exec("attach ':memory:' as a"),
    };
    for (const [name, act] of Object.entries(acts)) {
      try {
        act();
        console.log(name, "is allowed");
      } catch (error) {
        console.log(name + ":", error.message.split(",")[0]);
      }
    }
    `,
    { PATH: own.path },
  );
  assert.deepEqual(lines, [
    'any program: Requires run access to "/bin/sh"',
    'one of that name elsewhere: Requires run access to "systemctl"',
    'another process: Requires all access to "/proc/1/maps"',
    'the machine\'s name: Requires sys access to "hostname"',
    "files by SQL: too many attached databases - max 0",
  ]);
});

Deno.test("runProgram() runs the host's program, whatever PATH and LD_LIBRARY_PATH say", async () => {
  const lines = await linesOf(
    `
    import { runProgram } from "./src/systemd/run_program.ts";
    console.log(JSON.stringify(await runProgram("getent", ["passwd", "root"])));
    `,
    { PATH: "/nowhere", LD_LIBRARY_PATH: "/nowhere" },
  );
  assert.match(lines.join(), /^\{"code":0,"out":"root:/);
});

Deno.test("the bot refuses a file of another process: it has not all permissions", async () => {
  const bot = startBot(["edit", "--image", "/proc/self/limits", "--text", "x", "--out", "-"], {
    cwd: Deno.cwd(),
    env: {},
  });
  assert.equal((await bot.status).code, 65);
  assert.match(bot.output(), /^Cannot read \/proc\/self\/limits: Requires all access/);
});

Deno.test("the bot reaches systemd's socket and knows its own limits", async () => {
  await using socket = await listenNotify();
  await using stage = await openStage({
    config: "metrics: { serve: true, port: 0 }\n",
    env: { NOTIFY_SOCKET: socket.address },
  });
  await socket.heard(/^READY=1$/);
  const address = await until(
    "the address of the metrics",
    () => /Metrics are at (http:\S+)/.exec(stage.bot.output())?.[1],
  );
  const series = seriesOf(await (await fetch(address)).text());
  assert.ok((series.get("process_open_fds") ?? 0) > 2);
  assert.ok((series.get("process_max_fds") ?? 0) > 2);
});
