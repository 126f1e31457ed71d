/**
 * What is in force when the owner's files change: createLiveConfig() with real files, and watchFiles() on a real folder.
 *
 * Drives besides: src/config/diff.ts, src/worker/catalog_poller.ts.
 */
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import { defaultConfig, loadConfig, readSources } from "../../src/config/config.ts";
import { watchFiles } from "../../src/config/file_watcher.ts";
import {
  createLiveConfig,
  type LiveConfig,
  type ReloadOutcome,
} from "../../src/config/live_config.ts";
import { setUpLogging } from "../../src/monitoring/logging.ts";
import type { NodeCatalog } from "../../src/templates/graph.ts";
import {
  createTemplateReader,
  loadTemplates,
  readEmbedded,
  readTemplates,
} from "../../src/templates/loader.ts";
import { createTemplateSet } from "../../src/templates/registry.ts";
import { folder } from "../cli/cli_fixture.ts";

const token = "1000:TEST";
const seed = readEmbedded().find(({ name }) => name === "qwen_image_edit");

interface Home extends AsyncDisposable {
  readonly path: string;
  readonly live: LiveConfig;
  /** Writes a file. */
  write(file: string, text: string): Promise<void>;
  /** Writes a file, or removes it, and reads everything again. */
  change(file: string, text: string | undefined): Promise<ReloadOutcome>;
}

async function openHome(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = { TELEGRAM_BOT_TOKEN: token },
): Promise<Home> {
  const home = await folder();
  await Deno.mkdir(`${home.path}/workflows`);
  for (const [name, text] of Object.entries(files)) await home.write(name, text);
  const place = { dir: home.path, env };
  const readTemplates = createTemplateReader(home.path);
  const loaded = readTemplates();
  const live = createLiveConfig({ readSources: () => readSources(place), readTemplates }, {
    ...await loadConfig(place),
    loaded: () => loaded,
  });
  return {
    path: home.path,
    live,
    write: async (file, text) => void await home.write(file, text),
    async change(file, text) {
      if (text === undefined) await Deno.remove(`${home.path}/${file}`);
      else await home.write(file, text);
      return await live.reload();
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

const nothing = { needRestart: [], warnings: ["ADMIN_USER_IDS"], problems: [] };

/** An outcome with the warning that these tests have no admin cut to its first word. */
function short(outcome: ReloadOutcome): ReloadOutcome {
  return outcome.type !== "applied"
    ? outcome
    : { ...outcome, warnings: outcome.warnings.map((line) => line.split(" ")[0]!) };
}

Deno.test("reload() puts a changed setting in force and names it as the owner wrote it", async () => {
  await using home = await openHome({ "config.yaml": "queue: { max_size: 5 }\n" });
  const before = home.live.config;
  const outcome = await home.change(
    "config.yaml",
    "queue: { max_size: 7 }\nworkflow:\n  defaults: { steps: 3 }\n",
  );
  assert.deepEqual(short(outcome), {
    type: "applied",
    changes: ["queue.max_size", "workflow.defaults.steps"],
    ...nothing,
  });
  assert.equal(home.live.config.queue.maxWaiting, 7);
  assert.equal(before.queue.maxWaiting, 5);
  const steps = home.live.templates.current.get("qwen_image_edit")?.params["steps"]?.spec;
  assert.equal(steps?.default, 3);
});

Deno.test("reload() says that nothing has changed when a comment was written", async () => {
  await using home = await openHome({ "config.yaml": "queue: { max_size: 5 }\n" });
  const before = home.live.config;
  const outcome = await home.change("config.yaml", "# five\nqueue:\n  max_size: 5\n");
  assert.deepEqual(outcome, { type: "unchanged", needRestart: [] });
  assert.equal(home.live.config, before);
});

Deno.test("reload() refuses a bad config.yaml with its place and keeps what was in force", async () => {
  await using home = await openHome({ "config.yaml": "queue: { max_size: 5 }\n" });
  const bad = await home.change("config.yaml", "queue:\n  max_size: 0\n  colour: red\n");
  assert.equal(bad.type, "refused");
  assert.deepEqual(
    bad.problems.map((line) => line.split(" (wanted")[0]),
    [
      "config.yaml:2:13: Cannot use queue.max_size: 0",
      "config.yaml:3:3: Cannot use queue.colour: unknown key",
    ],
  );
  assert.deepEqual(home.live.problems, bad.problems);
  assert.equal(home.live.config.queue.maxWaiting, 5);
  const good = await home.change("config.yaml", undefined);
  assert.deepEqual(good.type === "applied" && good.changes, ["queue.max_size"]);
  assert.equal(home.live.config.queue.maxWaiting, 100);
});

Deno.test("reload() keeps what the program was started with where only a restart helps, and says so until then", async () => {
  await using home = await openHome({ ".env": `TELEGRAM_BOT_TOKEN=${token}\n` }, {});
  const outcome = await home.change(
    ".env",
    `TELEGRAM_BOT_TOKEN=${token}X\nCOMFYUI_PORT=9\nDATA_DIR=other\nADMIN_USER_IDS=77\n`,
  );
  assert.ok(outcome.type === "applied");
  assert.deepEqual(outcome.changes, [
    "ADMIN_USER_IDS",
    "COMFYUI_PORT",
    "DATA_DIR",
    "TELEGRAM_BOT_TOKEN",
  ]);
  const waiting = ["COMFYUI_PORT", "DATA_DIR", "TELEGRAM_BOT_TOKEN"];
  assert.deepEqual(outcome.needRestart, waiting);
  const { telegram, comfyui, paths } = home.live.config;
  assert.deepEqual(telegram.adminIds, [77]);
  assert.equal(telegram.token.reveal(), token);
  assert.equal(comfyui.backends[0]?.url, "http://127.0.0.1:8188");
  assert.equal(paths.dataDir, `${home.path}/data`);
  assert.doesNotMatch(JSON.stringify(outcome), /TEST/);

  assert.deepEqual(await home.live.reload(), { type: "unchanged", needRestart: waiting });
  const back = await home.change(".env", `TELEGRAM_BOT_TOKEN=${token}\nADMIN_USER_IDS=77\n`);
  assert.deepEqual(back.type === "applied" && back.needRestart, []);
});

Deno.test("reload() keeps backends, their times and metrics of config.yaml until a restart", async () => {
  await using home = await openHome({});
  const before = home.live.config;
  const outcome = await home.change(
    "config.yaml",
    `comfyui:
  backends: [{ name: other, host: gpu.lan }]
  poll_seconds: 1
  retry_seconds: [1]
  depth: 1
metrics: { port: 9 }
`,
  );
  assert.ok(outcome.type === "applied");
  const waiting = ["backends", "poll_seconds", "retry_seconds"].map((name) => `comfyui.${name}`);
  assert.deepEqual(outcome.needRestart, [...waiting, "metrics.port"]);
  const { comfyui, metrics } = home.live.config;
  assert.deepEqual(comfyui, { ...before.comfyui, depth: 1 });
  assert.deepEqual(metrics, before.metrics);
});

Deno.test("reload() ends with what was written last when two overlap", async () => {
  await using home = await openHome({});
  const place = { dir: home.path, env: { TELEGRAM_BOT_TOKEN: token } };
  const loaded = readTemplates(home.path);
  const [isRead, goesOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const live = createLiveConfig({
    async readSources() {
      const sources = await readSources(place);
      if (/: 6/.test(sources.yaml?.text ?? "")) {
        isRead.resolve();
        await goesOn.promise;
      }
      return sources;
    },
    readTemplates: () => readTemplates(home.path),
  }, { ...await loadConfig(place), loaded: () => loaded });
  await home.write("config.yaml", "queue: { max_size: 6 }\n");
  const first = live.reload();
  await isRead.promise;
  await home.write("config.yaml", "queue: { max_size: 7 }\n");
  const second = live.reload();
  // By then the second would have read them, if it did not wait for the first.
  for (let i = 0; i < 3; i++) await readSources(place);
  goesOn.resolve();
  await Promise.all([first, second]);
  assert.equal(live.config.queue.maxWaiting, 7);
});

Deno.test("reload() keeps the templates when their folder cannot be read, and takes new ones beside a config.yaml that cannot", async () => {
  await using home = await openHome({
    "workflows/mine.json": seed!.graph,
    "workflows/mine.yaml": seed!.manifest,
  });
  await Deno.rename(`${home.path}/workflows`, `${home.path}/aside`);
  const unreadable = await home.change("workflows", "a file");
  assert.ok(unreadable.type === "refused");
  assert.ok(home.live.templates.current.has("mine"));

  await Deno.remove(`${home.path}/workflows`);
  await Deno.rename(`${home.path}/aside`, `${home.path}/workflows`);
  await home.live.reload();
  await Deno.mkdir(`${home.path}/config.yaml`);
  await Deno.writeTextFile(`${home.path}/workflows/other.json`, seed!.graph);
  const beside = await home.change("workflows/other.yaml", seed!.manifest);
  assert.ok(beside.type === "applied");
  assert.deepEqual(beside.changes, ["+workflows/other"]);
  assert.match(beside.problems.join(), /^Cannot read config\.yaml: /);
});

Deno.test("reload() sees .env change when systemd has put it into the environment, and leaves the rest of that alone", async () => {
  const env = { TELEGRAM_BOT_TOKEN: token, ADMIN_USER_IDS: "5", COMFYUI_PORT: "1234" };
  const file = `TELEGRAM_BOT_TOKEN=${token}\nADMIN_USER_IDS=5\nCOMFYUI_PORT=8188\n`;
  await using home = await openHome({ ".env": file }, env);
  const outcome = await home.change(
    ".env",
    file.replace("IDS=5", "IDS=6").replace("PORT=8188", "PORT=9"),
  );
  assert.deepEqual(outcome.type === "applied" && outcome.changes, ["ADMIN_USER_IDS"]);
  assert.deepEqual(home.live.config.telegram.adminIds, [6]);
});

Deno.test("reload() takes a new template, keeps the last good one of a bad file, and lets go of a removed one", async () => {
  await using home = await openHome({ "workflows/mine.json": seed!.graph });
  const missing = await home.live.reload();
  assert.ok(missing.type === "refused");
  assert.match(missing.problems[0]!, /mine\.json: Cannot use it: there is no mine\.yaml/);
  assert.equal(home.live.templates.current.has("mine"), false);

  const added = await home.change("workflows/mine.yaml", seed!.manifest);
  assert.deepEqual(short(added), { type: "applied", changes: ["+workflows/mine"], ...nothing });
  const other = await home.change(
    "workflows/mine.yaml",
    seed!.manifest.replace("default: 8", "default: 4"),
  );
  assert.deepEqual(other.type === "applied" && other.changes, ["workflows/mine"]);
  const mine = home.live.templates.current.get("mine");
  assert.equal(mine?.params["steps"]?.spec.default, 4);

  const bad = await home.change("workflows/mine.yaml", "title: 3\n");
  assert.ok(bad.type === "refused");
  assert.match(bad.problems[0]!, /workflows\/mine\.yaml:1:8: Cannot use title: 3/);
  assert.equal(home.live.templates.current.get("mine")?.params["steps"]?.spec.default, 4);

  await Deno.remove(`${home.path}/workflows/mine.json`);
  const gone = await home.change("workflows/mine.yaml", undefined);
  assert.deepEqual(short(gone), { type: "applied", changes: ["-workflows/mine"], ...nothing });
  assert.equal(home.live.templates.current.has("mine"), false);
  assert.equal(mine?.name, "mine");
});

Deno.test("reload() keeps a bad file on disk from bringing the embedded template back", async () => {
  const own = seed!.manifest.replace("default: 8", "default: 4");
  await using home = await openHome({ [`workflows/${seed!.name}.yaml`]: own });
  const outcome = await home.change(`workflows/${seed!.name}.yaml`, "title: [\n");
  assert.equal(outcome.type, "refused");
  const steps = home.live.templates.current.get(seed!.name)?.params["steps"]?.spec;
  assert.equal(steps?.default, 4);
});

Deno.test("reload() takes the good part and refuses the bad one when both have changed", async () => {
  await using home = await openHome({ "config.yaml": "queue: { max_size: 5 }\n" });
  await Deno.writeTextFile(`${home.path}/config.yaml`, "queue: { max_size: 6 }\n");
  const outcome = await home.change("workflows/odd name.json", "{}");
  assert.ok(outcome.type === "applied");
  assert.deepEqual(outcome.changes, ["queue.max_size"]);
  assert.match(outcome.problems[0]!, /odd name\.json: Cannot use the name/);
});

Deno.test("reload() warns of a default template that is gone", async () => {
  await using home = await openHome({
    "config.yaml": "workflow: { default_file: mine }\n",
    "workflows/mine.json": seed!.graph,
    "workflows/mine.yaml": seed!.manifest,
  });
  await Deno.remove(`${home.path}/workflows/mine.json`);
  const outcome = await home.change("workflows/mine.yaml", undefined);
  assert.ok(outcome.type === "applied");
  assert.ok(outcome.warnings.some((line) => line.includes('There is no template "mine"')));
});

const { templates } = loadTemplates({ embedded: readEmbedded() });

Deno.test("learn() gives what is missing once, and again after it was there", async () => {
  const set = createTemplateSet(new Map([[seed!.name, templates.get(seed!.name)!]]), {
    template: seed!.name,
  });
  const none = () => Promise.resolve({});
  const missing = await set.learn("gpu", none);
  assert.ok(missing.some((line) => line.includes("ClownsharKSampler_Beta")), missing.join("\n"));
  assert.deepEqual(await set.learn("gpu", none), []);
  const all: NodeCatalog = Object.fromEntries(
    Object.values(templates.get(seed!.name)!.graph).map(({ class_type, inputs }) => [class_type, {
      inputs: Object.fromEntries(
        Object.keys(inputs).map((input) => [input, { type: "ANY", required: false }]),
      ),
      outputNode: true,
    }]),
  );
  assert.deepEqual(await set.learn("gpu", () => Promise.resolve(all)), []);
  assert.deepEqual(await set.learn("gpu", none), missing);
});

Deno.test("replace() says nothing of nodes that ComfyUI was not asked about yet", async () => {
  const set = createTemplateSet(new Map(), { template: "qwen_image_edit_2509" });
  assert.deepEqual(await set.learn("gpu", () => Promise.resolve({})), []);
  set.replace(templates, { template: "qwen_image_edit_2509" });
  assert.equal(set.current.size, templates.size);
  const asked: string[] = [];
  const missing = await set.learn("gpu", (classTypes) => {
    asked.push(...classTypes);
    return Promise.resolve({});
  });
  assert.ok(asked.includes("UNETLoader"));
  assert.ok(missing.length > 0);
});

/** A watched folder, whose changes settle when the test says so. */
async function watched(files: Readonly<Record<string, string>> = {}) {
  const home = await folder(files);
  const stop = new AbortController();
  const settling: (() => void)[] = [];
  let changes = 0;
  let begun = 0;
  const watching = watchFiles(
    {
      dir: home.path,
      wait: (ms, signal) =>
        new Promise((resolve, reject) => {
          assert.equal(ms, 300);
          begun++;
          settling.push(() => resolve(undefined));
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        }),
    },
    () => changes++,
    stop.signal,
  );
  await until("the watch begins", () => begun === 1);
  return {
    path: home.path,
    /** Times that the wait began anew: each write that was noticed. */
    noticed: () => begun,
    changes: () => changes,
    /** Lets what was written settle. */
    settle: () => settling.splice(0).forEach((done) => done()),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
      await home[Symbol.asyncDispose]();
    },
  };
}

Deno.test("watchFiles() calls back once for a change in several steps, by rename too", async () => {
  await using home = await watched();
  home.settle();
  await until("the first call", () => home.changes() === 1);
  let seen = home.noticed();
  await Deno.writeTextFile(`${home.path}/config.yaml`, "queue: {}\n");
  await until("the write", () => home.noticed() > seen);
  seen = home.noticed();
  await Deno.writeTextFile(`${home.path}/.config.yaml.swp`, "queue: { max_size: 3 }\n");
  await Deno.rename(`${home.path}/.config.yaml.swp`, `${home.path}/config.yaml`);
  await until("the rename", () => home.noticed() > seen);
  assert.equal(home.changes(), 1);
  home.settle();
  await until("the second call", () => home.changes() === 2);
  seen = home.noticed();
  await Deno.writeTextFile(`${home.path}/.env`, "");
  await until(".env", () => home.noticed() > seen);
});

Deno.test("watchFiles() follows workflows/ when it is made, removed and made again", async () => {
  await using home = await watched();
  for (let round = 1; round <= 30; round++) {
    let seen = home.noticed();
    await Deno.mkdir(`${home.path}/workflows`);
    await until(`folder ${round}`, () => home.noticed() > seen);
    seen = home.noticed();
    await Deno.writeTextFile(`${home.path}/workflows/x.json`, "{}");
    await until(`file ${round}`, () => home.noticed() > seen);
    seen = home.noticed();
    await Deno.remove(`${home.path}/workflows`, { recursive: true });
    await until(`removal ${round}`, () => home.noticed() > seen);
  }
});

Deno.test("watchFiles() does not hear of other files, nor of files being read", async () => {
  await using home = await watched({ "config.yaml": "", ".env": "" });
  await Deno.writeTextFile(`${home.path}/bot.log`, "x");
  await Deno.mkdir(`${home.path}/data`);
  await Deno.readTextFile(`${home.path}/config.yaml`);
  // The system tells of changes in their order, and of a removal once.
  await Deno.remove(`${home.path}/.env`);
  await until("the removal", () => home.noticed() > 1);
  assert.equal(home.noticed(), 2);
});

Deno.test("watchFiles() says in the log that a folder cannot be watched, and ends", async () => {
  await using logs = await folder();
  let text = "";
  const stderr = {
    writeSync(bytes: Uint8Array) {
      text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  };
  await using _ = await setUpLogging(defaultConfig(logs.path).logging, {
    logsDir: logs.path,
    stderr,
  });
  const dir = `${logs.path}/none`;
  await watchFiles({ dir, wait: () => new Promise(() => {}) }, () => {}, AbortSignal.any([]));
  assert.match(text, /WARNING .*Cannot watch .*\/none for changes: .+SIGHUP and \/reload/);
});
