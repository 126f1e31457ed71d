/** `doctor` with the state in PostgreSQL. */
import assert from "node:assert/strict";
import { canServePostgres, startPostgres } from "../../../lab/servers/postgres.ts";
import { openSharedState } from "../../../src/postgres/mod.ts";
import { rowsOf } from "../../postgres/rows.ts";
import { examine, machine } from "./doctor_fixture.ts";

/** The driver leaves the timer of a query that its connection did not outlive. */
const options = { ignore: !await canServePostgres(), sanitizeOps: false };

Deno.test("doctor asks PostgreSQL for the state, while a bot may be running", options, async () => {
  await using server = await startPostgres();
  const url = await server.database();
  await using right = await machine();
  await right.home.write("config.yaml", 'state: { url: "${STATE_URL}" }\n');
  const early = await examine(right, { STATE_URL: url });
  assert.deepEqual(early.troubles, []);
  assert.match(early.named("state").message, /makes its tables when it runs/);
  await rowsOf(url, "create role guest login");
  const refused = await examine(right, { STATE_URL: url.replace("postgres@", "guest@") });
  assert.deepEqual(refused.troubles, ["state"]);
  assert.match(refused.named("state").todo ?? "", /grant create on database/);

  const { signal } = new AbortController();
  {
    await using _bot = await openSharedState({ url, onStandby() {}, signal });
    const report = await examine(right, { STATE_URL: url });
    assert.deepEqual(report.troubles, []);
    assert.match(report.named("state").message, /^in PostgreSQL, format 1$/);
  }
  await server.stop();
  const secret = url.replace("postgres@", "postgres:TEST-SECRET@");
  const away = await examine(right, { STATE_URL: secret });
  assert.deepEqual(away.troubles, ["state"]);
});

Deno.test("a state.url that is none is a fault of the configuration", async () => {
  await using right = await machine();
  for (const url of ["mysql://host/db", "TEST-SECRET", "http://host"]) {
    await right.home.write("config.yaml", 'state: { url: "${STATE_URL}" }\n');
    const report = await examine(right, { STATE_URL: url });
    assert.deepEqual(report.troubles, ["config"]);
    assert.match(report.named("config").message, /^Cannot use state\.url: .*wanted postgres:/m);
  }
  const unset = await examine(right);
  assert.match(unset.named("config").message, /\$\{STATE_URL\} is not set/);
});
