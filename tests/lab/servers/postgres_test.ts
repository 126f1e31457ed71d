/** What killed tests leave in memory of the servers that they had. */
import assert from "node:assert/strict";
import { canServePostgres, startPostgres } from "../../../lab/servers/postgres.ts";

const folder = "/dev/shm";

/** Of a process that has ended. */
async function endedPid(): Promise<number> {
  const process = new Deno.Command("true").spawn();
  await process.status;
  return process.pid;
}

const namesThere = async () =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);

Deno.test("a PostgreSQL that starts removes folders of processes that have ended, and no others", {
  ignore: Deno.build.os !== "linux" || !await canServePostgres(),
}, async () => {
  const name = (pid: number | string) => `image-edit-bot-postgres-${pid}-TEST`;
  const left = name(await endedPid());
  const others = [name(Deno.ppid), name(Deno.pid), name("x")];
  for (const each of [left, ...others]) {
    await Deno.mkdir(`${folder}/${each}/data`, { recursive: true });
  }
  try {
    await using _server = await startPostgres();
    const there = await namesThere();
    assert.deepEqual([left, ...others].filter((each) => there.includes(each)), others);
  } finally {
    for (const each of others) await Deno.remove(`${folder}/${each}`, { recursive: true });
  }
});
