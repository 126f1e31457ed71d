/**
 * What config.yaml and .env may hold, and what is said of the rest.
 *
 * Drives besides: src/config/schema_backend.ts, src/config/schema_workflow.ts, src/lib/yaml/yaml_file.ts,
 * src/lib/yaml/schema.ts.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  type Config,
  type ConfigResult,
  defaultConfig,
  loadConfig,
  parseConfig,
} from "../../src/config/config.ts";
import { ConfigError } from "../../src/lib/errors.ts";
import { parseBytes, parseSpanMs } from "../../src/lib/units.ts";

const TOKEN = "123456789:AAtest-token_of_thirty_five_letters";
const ENV = { TELEGRAM_BOT_TOKEN: TOKEN, ADMIN_USER_IDS: "1" };
const SAMPLE = new URL("../../config.yaml", import.meta.url);

function parseYaml(text: string): ConfigResult {
  return parseConfig({ env: ENV, yaml: { path: "config.yaml", text }, cwd: "/srv/bot" });
}

function configOf(result: ConfigResult): Config {
  assert.ok(result.ok, result.ok ? "" : result.problems.join("\n"));
  return result.config;
}

function problemsOf(result: ConfigResult): readonly string[] {
  assert.ok(!result.ok, "the text was taken");
  return result.problems;
}

Deno.test("parseConfig() gives the documented defaults when only the token is set", () => {
  const config = configOf(parseConfig({ env: ENV, cwd: "/srv/bot" }));
  assert.equal(config.telegram.token.reveal(), TOKEN);
  assert.equal(config.telegram.apiRoot, "https://api.telegram.org");
  assert.deepEqual(config.comfyui, {
    backends: [{ name: "comfyui", url: "http://127.0.0.1:8188", headers: {} }],
    depth: 2,
    pollMs: 2000,
    retryMs: [4000, 10_000],
    freeAfterMs: 0,
    unit: undefined,
    stopAfterMs: 0,
  });
  assert.deepEqual(config.paths, { dataDir: "/srv/bot/data", logsDir: "/srv/bot/logs" });
  assert.deepEqual(config.workflow, {
    template: undefined,
    defaults: {},
    limits: {},
    models: {},
  });
  assert.deepEqual(config.image, {
    maxBytes: 10 * 1024 ** 2,
    formats: ["jpeg", "png", "webp"],
    megapixels: 1,
    keepMetadata: false,
  });
  assert.deepEqual(config.queue, { maxWaiting: 100, order: "fifo", timeoutMs: 300_000 });
  assert.deepEqual(config.storage, {
    cleanupAfterMs: 86_400_000,
    keepResults: true,
    keepInComfyUI: false,
    minFreeBytes: 500 * 1024 ** 2,
    backups: 7,
  });
  assert.deepEqual(config.logging, {
    level: "info",
    rotationBytes: 100 * 1024 ** 2,
    retentionMs: 7 * 86_400_000,
    format: "text",
  });
});

Deno.test("parseConfig() reads the owner's policy: words, stems and regexes", () => {
  assert.deepEqual(configOf(parseYaml("")).policy, { enabled: true, refuse: [], allow: [] });
  const { policy } = configOf(parseYaml(
    "policy: { enabled: false, refuse: ['Casino*  Royale', '/\\bёлк[аи]/'], allow: [Nude Lipstick] }",
  ));
  assert.deepEqual(policy, {
    enabled: false,
    refuse: [
      { kind: "words", text: "Casino*  Royale", words: ["casino*", "royale"] },
      { kind: "regex", text: "/\\bёлк[аи]/", source: "\\bелк[аи]" },
    ],
    allow: [{ kind: "words", text: "Nude Lipstick", words: ["nude", "lipstick"] }],
  });
});

Deno.test("config.yaml says what defaultConfig() is", async () => {
  const text = await Deno.readTextFile(SAMPLE);
  const { telegram: _, ...sample } = configOf(parseYaml(text));
  const { telegram: __, ...defaults } = defaultConfig("/srv/bot");
  assert.deepEqual(sample, defaults);
});

Deno.test("config.yaml is valid when every commented key is uncommented", async () => {
  const text = await Deno.readTextFile(SAMPLE);
  const uncommented = text.replaceAll(/^(\s*)# (\s*(?:- )?"?[\w.]+"?:(?: .*)?)$/gm, "$1$2");
  const { workflow, comfyui } = configOf(parseConfig({
    env: {
      TELEGRAM_BOT_TOKEN: TOKEN,
      COMFYUI_KEY: "key",
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
    },
    yaml: { path: "config.yaml", text: uncommented },
    cwd: "/srv/bot",
  }));
  assert.deepEqual(workflow.defaults, {
    steps: 8,
    cfg: 1,
    sampler: "linear/euler",
    scheduler: "simple",
    seed: 0,
    strength: 0.5,
    eta: 0.5,
    denoise: 1,
    negative_prompt: "",
  });
  assert.equal(workflow.limits["steps"]?.max, 50);
  assert.equal(Object.keys(workflow.limits).length, 5);
  assert.equal(workflow.models["qwen_image_edit"]?.[0]?.node, "118");
  assert.deepEqual(
    comfyui.backends.map(({ name, url, headers }) => [name, url, Object.keys(headers)]),
    [
      ["first", "http://127.0.0.1:8188", []],
      ["desk", "http://192.168.1.20:8188", []],
      ["rented", "https://gpu.example.com/comfyui", ["authorization"]],
      ["behind-cloudflare-access", "https://comfyui.example.com", []],
    ],
  );
});

Deno.test(".env.example sets only variables that are read, to their defaults", async () => {
  const text = await Deno.readTextFile(new URL("../../.env.example", import.meta.url));
  const sources = {
    env: {},
    envFile: { path: ".env", text },
    cwd: "/srv/bot",
    tokenOptional: true,
  };
  const result = parseConfig(sources);
  const { telegram, ...rest } = configOf(result);
  const { telegram: defaults, ...restOfDefaults } = defaultConfig("/srv/bot");
  assert.deepEqual(rest, restOfDefaults);
  assert.equal(telegram.apiRoot, defaults.apiRoot);
  assert.deepEqual(result.ok && result.warnings, []);
});

Deno.test("parseConfig() takes every key of the seed's config.yaml", () => {
  const config = configOf(parseYaml(`
workflow:
  default_file: "workflows/other.json"
  defaults: { steps: 8, cfg: 1.0, sampler: "linear/euler", scheduler: "simple", seed: 0,
              strength: 0.5, eta: 0.5, denoise: 1.0, negative_prompt: "blurry" }
  limits: { min_steps: 1, max_steps: 50, min_cfg: 0.1, max_cfg: 20.0, min_strength: 0.0, max_strength: 1.0 }
  models: { other: { "118.ckpt_name": "a.safetensors" } }
image: { max_size_mb: 5, allowed_formats: ["jpg", "png"], scale_megapixels: 0.25 }
queue: { max_size: 3, timeout_seconds: 1.5 }
storage: { cleanup_after_hours: 0.5, keep_results: false, min_free_mb: 0.5, backups: 0 }
logging: { level: "critical", rotation: "1 GB", retention: "2 weeks", format: json }
comfyui: { backends: [{ name: gpu, host: "::1" }, { name: b, host: gpu.lan, port: 1 }], depth: 1, poll_seconds: 0.5,
           free_after_minutes: 0.5, unit: "comfyui@gpu.service", stop_after_minutes: 60 }
limits: { pending: 2, per_hour: 5, per_day: 20, admins_exempt: false }
`));
  assert.equal(config.workflow.template, "other");
  assert.equal(config.workflow.defaults["negative_prompt"], "blurry");
  assert.deepEqual(config.workflow.limits, {
    steps: { min: 1, max: 50 },
    cfg: { min: 0.1, max: 20 },
    strength: { min: 0, max: 1 },
  });
  assert.deepEqual(config.workflow.models, {
    other: [{ node: "118", input: "ckpt_name", file: "a.safetensors" }],
  });
  assert.deepEqual(config.image, {
    maxBytes: 5 * 1024 ** 2,
    formats: ["jpeg", "png"],
    megapixels: 0.25,
    keepMetadata: false,
  });
  assert.deepEqual(config.queue, { maxWaiting: 3, order: "fifo", timeoutMs: 1500 });
  assert.deepEqual(config.storage, {
    cleanupAfterMs: 1_800_000,
    keepResults: false,
    keepInComfyUI: false,
    minFreeBytes: 512 * 1024,
    backups: 0,
  });
  assert.deepEqual(config.logging, {
    level: "fatal",
    rotationBytes: 1024 ** 3,
    retentionMs: 14 * 86_400_000,
    format: "json",
  });
  assert.deepEqual(config.comfyui, {
    backends: [
      { name: "gpu", url: "http://[::1]:8188", headers: {} },
      { name: "b", url: "http://gpu.lan:1", headers: {} },
    ],
    depth: 1,
    pollMs: 500,
    retryMs: [4000, 10_000],
    freeAfterMs: 30_000,
    unit: "comfyui@gpu.service",
    stopAfterMs: 3_600_000,
  });
  assert.deepEqual(config.limits, {
    person: { pending: 2, hour: 5, day: 20 },
    adminsExempt: false,
  });
});

Deno.test("parseConfig() names file, line, column, value and what is wanted when a value is bad", () => {
  const cases: readonly (readonly [yaml: string, problem: string])[] = [
    [
      "queue:\n  max_size: 0\n",
      "config.yaml:2:13: Cannot use queue.max_size: 0 (wanted a whole number from 1 to 100000)",
    ],
    [
      'image:\n  max_size_mb: "10"\n',
      'config.yaml:2:16: Cannot use image.max_size_mb: "10" (wanted a number from 0.1 to 2000)',
    ],
    [
      "image:\n  scale_megapixels: 17\n",
      "config.yaml:2:21: Cannot use image.scale_megapixels: 17 (wanted a number from 0.01 to 16)",
    ],
    [
      "image:\n  allowed_formats:\n    - jpg\n    - gif\n",
      'config.yaml:4:7: Cannot use image.allowed_formats[2]: "gif" (wanted one of jpg, jpeg, png, webp)',
    ],
    [
      "logging: { level: LOUD }\n",
      'config.yaml:1:19: Cannot use logging.level: "LOUD" (wanted one of DEBUG, INFO, WARNING, ERROR, CRITICAL)',
    ],
    [
      "logging: { rotation: 100 }\n",
      'config.yaml:1:22: Cannot use logging.rotation: 100 (wanted a size such as "100 MB")',
    ],
    [
      "workflow:\n  default_file: ../secrets.json\n",
      'config.yaml:2:17: Cannot use workflow.default_file: "../secrets.json" (wanted workflows/NAME.json, or auto)',
    ],
    [
      "workflow: { models: { a: { ckpt_name: x } } }\n",
      "config.yaml:1:28: Cannot use the key workflow.models.a.ckpt_name (wanted NODE.INPUT, such as 118.ckpt_name)",
    ],
    [
      "workflow:\n  limits: { min_steps: 9, max_steps: 5 }\n",
      "config.yaml:2:24: Cannot use workflow.limits.min_steps: 9 (wanted at most workflow.limits.max_steps, which is 5)",
    ],
    [
      "workflow:\n  defaults: { steps: 9 }\n  limits: { max_steps: 5 }\n",
      "config.yaml:2:22: Cannot use workflow.defaults.steps: 9 (wanted at most 5, by workflow.limits)",
    ],
    ["queue: 5\n", "config.yaml:1:8: Cannot use queue: 5 (wanted a map with keys and values)"],
    [
      "just words\n",
      'config.yaml:1:1: Cannot use the file: "just words" (wanted a map with keys and values)',
    ],
    [
      "comfyui:\n  backends:\n    - host: a\n",
      "config.yaml:3:7: Cannot use comfyui.backends[1].name: it is missing (wanted a short display name)",
    ],
    [
      "comfyui:\n  backends: [{ name: a, host: 'http://x:1' }]\n",
      'config.yaml:2:31: Cannot use comfyui.backends[1].host: "http://x:1" (wanted a host name or an address alone, ' +
      "without http:// and without a port; a whole address is COMFYUI_URL, or url of a backend)",
    ],
    [
      "comfyui:\n  backends: [{ name: a, host: x }, { name: a, host: y }]\n",
      'config.yaml:2:44: Cannot use comfyui.backends[2].name: "a" (wanted a name that no other backend has)',
    ],
    [
      "comfyui:\n  backends: [{ name: a, host: x, wake: aa:bb:cc:dd:ee }]\n",
      'config.yaml:2:40: Cannot use comfyui.backends[1].wake: "aa:bb:cc:dd:ee" (wanted a MAC address, such as ' +
      "aa:bb:cc:dd:ee:ff, or { mac: aa:bb:cc:dd:ee:ff, address: 192.168.1.255, port: 9 })",
    ],
    [
      "comfyui:\n  backends: [{ name: a, host: x, wake: { mac: 'a:b' } }]\n",
      'config.yaml:2:47: Cannot use comfyui.backends[1].wake.mac: "a:b" (wanted a MAC address, such as aa:bb:cc:dd:ee:ff)',
    ],
    [
      "comfyui: { unit: comfyui }\n",
      'config.yaml:1:18: Cannot use comfyui.unit: "comfyui" (wanted a systemd unit, such as comfyui.service)',
    ],
    [
      "comfyui: { stop_after_minutes: 5 }\n",
      "config.yaml:1:32: Cannot use comfyui.stop_after_minutes: 5 (wanted 0, or comfyui.unit beside it)",
    ],
    [
      "policy:\n  refuse:\n    - casino\n    - /(casino/\n",
      'config.yaml:4:7: Cannot use policy.refuse[2]: "/(casino/" (wanted words, stems such as "cat*", ' +
      "or a valid /regex/ with no repetition within a repetition)",
    ],
    [
      "policy: { allow: ['/(a+)+b/'] }\n",
      'config.yaml:1:19: Cannot use policy.allow[1]: "/(a+)+b/" (wanted words, stems such as "cat*", ' +
      "or a valid /regex/ with no repetition within a repetition)",
    ],
    [
      "policy: { refuse: '  ' }\n",
      'config.yaml:1:19: Cannot use policy.refuse: "  " (wanted a list: words, stems such as "cat*", ' +
      "or a valid /regex/ with no repetition within a repetition)",
    ],
  ];
  for (const [yaml, problem] of cases) assert.deepEqual(problemsOf(parseYaml(yaml)), [problem]);
});

Deno.test("parseConfig() refuses an unknown key with the nearest known one", () => {
  assert.deepEqual(problemsOf(parseYaml("queue:\n  maxsize: 3\n  colour: red\nqeue: {}\n")), [
    'config.yaml:2:3: Cannot use queue.maxsize: unknown key, did you mean "max_size"? (wanted one of url, max_size, timeout_seconds, order)',
    "config.yaml:3:3: Cannot use queue.colour: unknown key (wanted one of url, max_size, timeout_seconds, order)",
    'config.yaml:4:1: Cannot use qeue: unknown key, did you mean "queue"? ' +
    "(wanted one of workflow, image, queue, storage, state, worker, history, logging, comfyui, metrics, presets, access, limits, policy)",
  ]);
});

Deno.test("parseConfig() names the place when the YAML itself is wrong", () => {
  assert.deepEqual(problemsOf(parseYaml("queue:\n  max_size: 1\n  max_size: 2\n")), [
    "config.yaml:3:3: Cannot use a key twice: max_size (wanted each key once)",
  ]);
  assert.match(
    problemsOf(parseYaml("image: [1\nqueue: {}\n"))[0] ?? "",
    /^config\.yaml:2:1: Cannot read/,
  );
  assert.deepEqual(problemsOf(parseYaml("queue: &q {}\nimage: *q\n")), [
    "config.yaml:2:8: Cannot use *q: it is an alias (wanted the value itself)",
  ]);
});

Deno.test("parseConfig() lists every problem of both files when there are several", () => {
  const problems = problemsOf(parseConfig({
    env: { COMFYUI_HOST: "http://gpu" },
    envFile: { path: ".env", text: "# ours\nCOMFYUI_PORT=81x8\nnonsense\nADMIN_USER_IDS=me\n" },
    yaml: { path: "config.yaml", text: "queue:\n  max_size: 0\n  timeout_seconds: no\n" },
    cwd: "/srv/bot",
  }));
  assert.deepEqual(problems, [
    ".env:3: Cannot read the line: it is not a setting (wanted KEY=value)",
    "Cannot start: TELEGRAM_BOT_TOKEN is not set (wanted the token that @BotFather in Telegram gives after /newbot, " +
    "as TELEGRAM_BOT_TOKEN=… in .env)",
    '.env:4: Cannot use ADMIN_USER_IDS: "me" (wanted numeric Telegram user ids, separated by commas)',
    'environment: Cannot use COMFYUI_HOST: "http://gpu" (wanted a host name or an address alone, ' +
    "without http:// and without a port; a whole address is COMFYUI_URL, or url of a backend)",
    '.env:2: Cannot use COMFYUI_PORT: "81x8" (wanted a port from 1 to 65535)',
    "config.yaml:2:13: Cannot use queue.max_size: 0 (wanted a whole number from 1 to 100000)",
    'config.yaml:3:20: Cannot use queue.timeout_seconds: "no" (wanted a number from 1 to 86400)',
  ]);
});

Deno.test("parseConfig() reads quotes, comments and export in .env, and the environment wins", () => {
  const text = [
    "\uFEFFexport TELEGRAM_BOT_TOKEN='1:from-file' # mine",
    'ADMIN_USER_IDS="7, 8,7"',
    "COMFYUI_HOST = gpu.lan  # in the cellar",
    "COMFYUI_PORT=1",
    "COMFYUI_PORT=2",
    'LOGS_DIR="/var/log/a b#c"',
    "TELEGRAM_API_ROOT=http://127.0.0.1:8081/",
    "SOMEBODY_ELSES=x",
  ].join("\r\n");
  const config = configOf(parseConfig({
    env: { TELEGRAM_BOT_TOKEN: "1:from-env", COMFYUI_PORT: "", DATA_DIR: "there" },
    envFile: { path: ".env", text },
    cwd: "/srv/bot",
  }));
  assert.equal(config.telegram.token.reveal(), "1:from-env");
  assert.deepEqual(config.telegram.adminIds, [7, 8]);
  assert.equal(config.telegram.apiRoot, "http://127.0.0.1:8081");
  assert.deepEqual(config.comfyui.backends, [{
    name: "comfyui",
    url: "http://gpu.lan:2",
    headers: {},
  }]);
  assert.deepEqual(config.paths, { dataDir: "/srv/bot/there", logsDir: "/var/log/a b#c" });
});

Deno.test("parseConfig() warns of a variable that is nearly one of ours, and of no admins", () => {
  const result = parseConfig({
    env: { TELEGRAM_BOT_TOKEN: TOKEN },
    envFile: { path: ".env", text: "ADMIN_USER_ID=1\n" },
    cwd: "/srv/bot",
  });
  assert.deepEqual(result.ok && result.warnings, [
    ".env:1: ADMIN_USER_ID is unknown; did you mean ADMIN_USER_IDS?",
    "ADMIN_USER_IDS is not set: there is no admin to approve users or to be told of failures",
  ]);
});

Deno.test("parseConfig() never quotes a token when it refuses one", () => {
  const secret = "AAH-secret_secret_secret_secret_secret";
  const problems = problemsOf(parseConfig({
    env: {},
    envFile: {
      path: ".env",
      text:
        `TELEGRAM_BOT_TOKEN=bot99887766:${secret}\nCOMFYUI_HOST=99887766:${secret}\n99887766:${secret}\n`,
    },
    yaml: { path: "config.yaml", text: `queue: 99887766:${secret}\n99887766:${secret}: 1\n` },
    cwd: "/srv/bot",
  }));
  assert.equal(problems.length, 5);
  assert.match(problems.join("\n"), /\.env:1: Cannot use TELEGRAM_BOT_TOKEN/);
  assert.ok(!problems.join("\n").includes("secret"), problems.join("\n"));
});

Deno.test("Config is frozen to its depth and shows no token wherever it is printed", () => {
  const config = configOf(parseYaml("workflow: { limits: { max_steps: 5 } }"));
  assert.throws(() => Object.assign(config.workflow.limits, { max_steps: 6 }), TypeError);
  assert.throws(() => Object.assign(config.queue, { maxWaiting: 6 }), TypeError);
  const printed = [Deno.inspect(config), JSON.stringify(config), `${config.telegram.token}`];
  for (const text of printed) {
    assert.ok(text.includes("[redacted]"), text);
    assert.ok(!text.includes(TOKEN.slice(12)), text);
  }
});

Deno.test("parseConfig() never throws and gives problems or a config for any text", () => {
  const yamlish = fc.array(
    fc.constantFrom(
      ..."workflow:|\n|  |defaults:|limits:|max_steps:| 5|- |[|{|]|}|&a|*a|!!x|? |: |null|__proto__:|'|\"|#|\t|models:|1.|backends:|~"
        .split("|"),
    ),
    { maxLength: 30 },
  ).map((parts) => parts.join(""));
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), yamlish);
  fc.assert(
    fc.property(text, text, text, (env, yaml, value) => {
      const result = parseConfig({
        env: { ...ENV, COMFYUI_HOST: value },
        envFile: { path: ".env", text: env },
        yaml: { path: "config.yaml", text: yaml },
        cwd: "/srv/bot",
      });
      assert.ok(result.ok || result.problems.length > 0);
      if (!result.ok) {
        for (const line of result.problems) {
          assert.match(line, /^(?:\.env:\d+|environment|config\.yaml:\d+:\d+): Cannot /);
        }
      }
    }),
    { numRuns: 400 },
  );
});

Deno.test("loadConfig() reads a folder, takes missing files for empty ones, and throws all problems", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const empty = await loadConfig({ dir, env: ENV });
    assert.equal(empty.config.paths.dataDir, `${dir}/data`);

    await Deno.writeTextFile(`${dir}/.env`, `TELEGRAM_BOT_TOKEN=${TOKEN}\nCOMFYUI_PORT=9\n`);
    await Deno.writeTextFile(`${dir}/config.yaml`, "queue: { max_size: 3 }\n");
    const { config } = await loadConfig({ dir, env: {} });
    assert.deepEqual([config.comfyui.backends[0]?.url, config.queue.maxWaiting], [
      "http://127.0.0.1:9",
      3,
    ]);

    await Deno.writeTextFile(`${dir}/config.yaml`, "queue: { max_size: -3 }\nx: 1\n");
    await assert.rejects(loadConfig({ dir, env: {} }), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^config\.yaml:1:20: .*\nconfig\.yaml:2:1: [^\n]*$/);
      return true;
    });
    await assert.rejects(
      loadConfig({ dir, env: ENV, configPath: `${dir}/other.yaml` }),
      ConfigError,
    );
    await Deno.mkdir(`${dir}/folder.yaml`);
    await assert.rejects(
      loadConfig({ dir, env: ENV, configPath: `${dir}/folder.yaml` }),
      ConfigError,
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("parseBytes() and parseSpanMs() take what users write and nothing else", () => {
  assert.equal(parseBytes("100 MB"), 104_857_600);
  assert.equal(parseBytes(" 1.5kib "), 1536);
  assert.equal(parseBytes("12b"), 12);
  for (
    const text of ["", "MB", "100", "0 MB", "-1 MB", "1 TB", "1e9 GB", "9999999999 GB", "1 M B"]
  ) {
    assert.equal(parseBytes(text), undefined, text);
  }
  assert.equal(parseSpanMs("7 days"), 604_800_000);
  assert.equal(parseSpanMs("1 Hour"), 3_600_000);
  assert.equal(parseSpanMs("0.5 weeks"), 302_400_000);
  for (const text of ["", "7", "0 days", "7 d", "constructor", "1 constructor", "00:00"]) {
    assert.equal(parseSpanMs(text), undefined, text);
  }
});

Deno.test("parseConfig() takes a machine's address to wake it, alone and with where the packet goes", () => {
  const wakeOf = (written: string) => {
    const text = `comfyui:\n  backends: [{ name: a, host: x, wake: ${written} }]\n`;
    return configOf(parseYaml(text)).comfyui.backends[0]?.wake;
  };
  const everywhere = { address: "255.255.255.255", port: 9 };
  assert.deepEqual(wakeOf("01:23:45:67:89:10"), { mac: "01:23:45:67:89:10", ...everywhere });
  assert.deepEqual(wakeOf('"AA-BB-CC-DD-EE-FF"'), { mac: "AA-BB-CC-DD-EE-FF", ...everywhere });
  assert.deepEqual(wakeOf("{ mac: aa:bb:cc:dd:ee:ff, address: 10.0.0.255, port: 7 }"), {
    mac: "aa:bb:cc:dd:ee:ff",
    address: "10.0.0.255",
    port: 7,
  });
  assert.equal(wakeOf(""), undefined);
});
