/** `state copy` between files and a real PostgreSQL, `explain` and `backup` with a state in PostgreSQL. */
import assert from "node:assert/strict";
import { canServePostgres, startPostgres } from "../../../lab/servers/postgres.ts";
import {
  createKvJobStore,
  createKvSettings,
  type KeyValueStore,
  openState,
} from "../../../src/kv/mod.ts";
import { openSharedState } from "../../../src/postgres/mod.ts";
import { defaultUserSettings } from "../../../src/users/mod.ts";
import { openQueue, request } from "../../jobs/job_fixture.ts";
import { cli, folder } from "../cli_fixture.ts";

/** The driver leaves the timer of a query that its connection did not outlive. */
const options = { ignore: !await canServePostgres(), sanitizeOps: false };
const { signal } = new AbortController();

async function withFile<T>(dir: string, use: (kv: KeyValueStore) => Promise<T>): Promise<T> {
  using state = await openState(dir);
  return await use(state.kv);
}

async function withDatabase<T>(url: string, use: (kv: KeyValueStore) => Promise<T>): Promise<T> {
  await using state = await openSharedState({ url, onStandby() {}, signal });
  return await use(state.kv);
}

const recordsIn = async (kv: KeyValueStore) =>
  (await Array.fromAsync(kv.list({ prefix: [] }))).map(({ key, value }) => [key, value])
    .filter(([key]) => !["version", "indexed"].includes(String((key as Deno.KvKey)[0])));

/** Jobs, settings and bytes, as a bot leaves them. */
async function fillState(kv: KeyValueStore): Promise<void> {
  const queue = await openQueue(createKvJobStore(kv));
  for (let i = 0; i < 25; i++) {
    await queue.enqueue(request(`job${i}`, { promptText: "снег ❄ ".repeat(50) }));
  }
  await queue.cancel("job3");
  await createKvSettings(kv).changeUser(7, () => ({ ...defaultUserSettings, language: "ru" }));
  await kv.atomic().set(["inbox", 5], { json: Uint8Array.of(0, 1, 255), left: 0 }).commit();
}

Deno.test(
  "state copy moves a state to PostgreSQL and back, and may be repeated",
  options,
  async () => {
    await using server = await startPostgres();
    const url = await server.database();
    await using home = await folder();
    const copy = (...args: string[]) => cli(["state", "copy", ...args], { cwd: home.path });
    await withFile(`${home.path}/data`, fillState);
    const before = await withFile(`${home.path}/data`, recordsIn);
    assert.ok(before.length > 50);

    for (let time = 0; time < 2; time++) {
      const { code, out, err } = await copy("data", url);
      assert.equal(code, 0, err);
      assert.match(
        out,
        new RegExp(`^Copied ${before.length} records from ${home.path}/data to postgres://`),
      );
    }
    assert.deepEqual(await withDatabase(url, recordsIn), before);

    assert.equal((await copy(url, "back")).code, 0);
    assert.deepEqual(await withFile(`${home.path}/back`, recordsIn), before);

    await home.write("config.yaml", 'state: { url: "${STATE_URL}" }\n');
    const env = { STATE_URL: url, DATA_DIR: "none" };
    assert.match((await cli(["explain", "job3"], { cwd: home.path, env })).out, /cancelled/);
    const backup = await cli(["backup", "file"], { cwd: home.path, env });
    assert.match(backup.err, /^Cannot back up: the state is in PostgreSQL.*pg_dump/);
  },
);

Deno.test(
  "state copy takes a part of a record that is undefined for one that is not there",
  options,
  async () => {
    await using server = await startPostgres();
    await using home = await folder();
    const record = {
      id: "job1",
      album: undefined,
      pictures: [{ mask: undefined, bytes: new Uint8Array(3) }],
    };
    await withFile(`${home.path}/data`, async (kv) => {
      await kv.atomic().set(["job", "job1"], record).commit();
    });
    const { code, err } = await cli(["state", "copy", "data", await server.database()], {
      cwd: home.path,
    });
    assert.deepEqual([code, err], [0, ""]);
  },
);

Deno.test(
  "state copy overwrites nothing that FROM does not have, unless it is told to",
  options,
  async () => {
    await using server = await startPostgres();
    const url = await server.database();
    await using home = await folder();
    const copy = (...args: string[]) => cli(["state", "copy", ...args], { cwd: home.path });
    await withFile(`${home.path}/data`, fillState);
    await withDatabase(
      url,
      async (kv) => void await kv.atomic().set(["person", 99], "theirs").commit(),
    );
    const refused = await copy("data", url);
    assert.notEqual(refused.code, 0);
    assert.match(
      refused.err,
      /^Cannot copy to postgres:.*: it has records that .* does not have .*--force/,
    );
    assert.equal((await withDatabase(url, recordsIn)).length, 1);
    assert.equal((await copy("data", url, "--force")).code, 0);
    assert.deepEqual(
      await withDatabase(url, recordsIn),
      await withFile(`${home.path}/data`, recordsIn),
    );
  },
);

Deno.test("state copy does not wait for an answer, and shows no password", options, async () => {
  await using server = await startPostgres();
  const url = await server.database();
  const secret = url.replace("postgres@", "postgres:pa55word@");
  await using home = await folder();
  const copy = (...args: string[]) => cli(["state", "copy", ...args], { cwd: home.path });
  await withDatabase(url, async () => {
    const { code, err } = await copy("data", secret);
    assert.equal(code, 75);
    assert.match(err, /^Cannot open postgres:.*: a bot uses it \(wanted it stopped\)/);
    assert.doesNotMatch(err, /pa55word/);
  });
  await server.stop();
  const away = await copy("data", secret);
  assert.equal(away.code, 69);
  assert.doesNotMatch(away.err, /pa55word/);
  for (const args of [[], ["data"]]) {
    const { code, err } = await copy(...args);
    assert.equal(code, 64);
    assert.match(err, /^Cannot copy: FROM or TO is missing/);
  }
  assert.match((await copy("a", "b", "c")).err, /Unexpected argument "c"/);
});
