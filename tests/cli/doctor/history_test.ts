/** `doctor` with the history in PostgreSQL. */
import assert from "node:assert/strict";
import { postgresOfFile } from "../../../lab/servers/postgres.ts";
import { openHistory } from "../../../src/postgres/mod.ts";
import { rowsOf } from "../../postgres/rows.ts";
import { examine, machine } from "./doctor_fixture.ts";

const server = await postgresOfFile();
/** The driver leaves the timer of a query that its connection did not outlive. */
const options = { ignore: server === undefined, sanitizeOps: false };

Deno.test(
  "doctor looks for the history, for the right to make it, and says when it is away",
  options,
  async () => {
    const url = await server!.database();
    await using right = await machine();
    await right.home.write("config.yaml", 'history: { url: "${HISTORY_URL}" }\n');
    const message = async (HISTORY_URL: string, troubles: readonly string[] = []) => {
      const report = await examine(right, { HISTORY_URL });
      assert.deepEqual(report.troubles, troubles);
      return report.named("job history").message;
    };
    assert.match(await message(url), /makes its tables when it runs/);
    {
      await using history = openHistory(url);
      await history.expire(0);
    }
    assert.equal(await message(url), "in PostgreSQL, 0 jobs");

    const other = await server!.database();
    await rowsOf(other, "create role guest login");
    const guest = other.replace("postgres@", "guest:TEST-SECRET@");
    assert.match(await message(guest, ["job history"]), /may not make tables/);
    assert.match(
      await message(guest.replace(/:\d+\//, ":1/"), ["job history"]),
      /^Cannot use the job history in PostgreSQL/,
    );
  },
);

Deno.test("a history.url that is none is a fault of the configuration", async () => {
  await using right = await machine();
  await right.home.write("config.yaml", 'history: { url: "${HISTORY_URL}" }\n');
  for (const url of ["mysql://host/db", "TEST-SECRET", "http://host"]) {
    const report = await examine(right, { HISTORY_URL: url });
    assert.deepEqual(report.troubles, ["config"]);
    assert.match(report.named("config").message, /^Cannot use history\.url: .*wanted postgres:/m);
  }
});
