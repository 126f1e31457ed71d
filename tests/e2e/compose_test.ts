/** deploy/: its files fit together, and a bot with its settings works with the servers that it names, as real ones. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { z } from "zod";
import { canServeBucket, startBucket } from "../../lab/servers/bucket.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import { canServePostgres, startPostgres } from "../../lab/servers/postgres.ts";
import { canServeRedis, startRedis } from "../../lab/servers/redis.ts";
import { openStage, results, untilResults } from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { parseConfig } from "../../src/config/config.ts";

const read = (name: string) =>
  Deno.readTextFileSync(new URL(`../../deploy/${name}`, import.meta.url));
const composeText = read("compose.yaml");
const sampleEnv = read(".env.example");
const config = read("config.yaml");
const options = {
  ignore: !(await canServePostgres() && await canServeRedis() && await canServeBucket()),
};

const Compose = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string().optional(),
      ports: z.array(z.string()).default([]),
      volumes: z.array(z.string()).default([]),
      depends_on: z.record(z.string(), z.unknown()).default({}),
      restart: z.literal("always"),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});

Deno.test("deploy/: the services, the variables and the settings name each other", () => {
  const { services, volumes } = Compose.parse(parse(composeText));
  const known = new Set([...sampleEnv.matchAll(/^(\w+)=/gm)].map(([, name]) => name!));
  const asked = [...`${composeText}\n${config}`.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!);
  assert.ok(asked.length > 5);
  assert.deepEqual(asked.filter((name) => !known.has(name)), []);
  for (const [name, service] of Object.entries(services)) {
    for (const port of service.ports) assert.match(port, /^127\.0\.0\.1:/, name);
    for (const other of Object.keys(service.depends_on)) assert.ok(other in services, other);
    assert.doesNotMatch(service.image ?? "", /^[^/]*\./, "no host is named");
    for (const volume of service.volumes) {
      const [from = ""] = volume.split(":");
      assert.ok(from.startsWith("./") ? read(from) : from in volumes, volume);
    }
  }
  const filled = sampleEnv.replaceAll(/^(\w+)=$/gm, "$1=filled-in")
    .replace(
      /^TELEGRAM_BOT_TOKEN=.*$/m,
      "TELEGRAM_BOT_TOKEN=123456789:AAtest-token_of_thirty_five_letters",
    )
    .replace(/^ADMIN_USER_IDS=.*$/m, "ADMIN_USER_IDS=1");
  const result = parseConfig({
    env: {},
    envFile: { path: ".env", text: filled },
    yaml: { path: "config.yaml", text: config },
    cwd: "/bot",
  });
  assert.ok(result.ok, result.ok ? "" : result.problems.join("\n"));
  assert.deepEqual(result.warnings, []);
});

Deno.test(
  "deploy/: two bots with its settings work, and the second takes over",
  options,
  async () => {
    await using postgres = await startPostgres();
    await using redis = await startRedis([
      "--requirepass",
      "queue",
      "--maxmemory-policy",
      "noeviction",
      "--appendonly",
      "yes",
    ]);
    await using bucket = await startBucket();
    const { host } = new URL(redis.database());
    const state = new URL(await postgres.database());
    const placed = config.replace("127.0.0.1:6379", host)
      .replaceAll(/postgres:\/\/.*(?=")/g, "${POSTGRES}");
    await using stage = await openStage({
      config: placed,
      telegram: { limits: false },
      env: { ...bucket.env, POSTGRES: String(state), QUEUE_PASSWORD: "queue" },
      start: false,
    });
    const photo = await gradientJpeg(160, 120);
    const active = stage.start();
    await stage.ben.sendPhoto(photo, { caption: "first steps=1" });
    await untilResults(stage, stage.ben);
    const standby = stage.start();
    await until("the second one stands by", () => /Standing by/.test(standby.output()));
    active.kill("SIGKILL");
    await active.status;
    await stage.ben.sendPhoto(photo, { caption: "second steps=1" });
    await untilResults(stage, stage.ben, 2);
    assert.equal(results(stage, stage.ben).length, 2);
    assert.ok((await bucket.names()).some((name) => name.startsWith("bot/output/")));
    assert.doesNotMatch(standby.output(), /WARN|ERROR/);
  },
);
