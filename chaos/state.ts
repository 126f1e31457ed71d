/** What the bot's state still holds when it has been stopped: looked at with the bot's own eyes. */
import { createKvInbox } from "../src/kv/inbox.ts";
import { createKvJobStore } from "../src/kv/jobs.ts";
import type { KeyValueStore } from "../src/kv/key_value.ts";
import { openForReading, openState } from "../src/kv/open.ts";
import { openSharedForReading } from "../src/postgres/mod.ts";
import { parseUpdate } from "../src/telegram/api/update_loop.ts";

/** The jobs that are not settled and the updates that are not dealt with, a line each. The bot must have ended. */
export async function leftInState(dir: string): Promise<readonly string[]> {
  using state = await openState(`${dir}/data`);
  const updates = await createKvInbox(state.kv, parseUpdate).left(() => {});
  return await leftIn(state.kv, updates.map(({ update_id }) => update_id));
}

/** The same of a state in PostgreSQL. */
export async function leftInDatabase(url: string): Promise<readonly string[]> {
  await using state = openSharedForReading(url);
  return await leftIn(state.kv, await updatesIn(state.kv));
}

async function leftIn(
  kv: KeyValueStore,
  updateIds: readonly unknown[],
): Promise<readonly string[]> {
  const jobs = await createKvJobStore(kv).unsettled();
  return [
    ...jobs.map(({ id, state }) => `job ${id} is ${state}`),
    ...updateIds.map((id) => `update ${id} is not dealt with`),
  ];
}

/** How many updates wait in the bot's inbox, beside a bot that runs. */
export async function inboxSize(dir: string): Promise<number> {
  using state = await openForReading(`${dir}/data`);
  return (await updatesIn(state.kv)).length;
}

/** The ids of what lies in the inbox. */
async function updatesIn(kv: KeyValueStore): Promise<readonly unknown[]> {
  return (await Array.fromAsync(kv.list({ prefix: ["inbox"] }))).map(({ key }) => key[1]);
}

/** How many jobs were ever made and not forgotten. The bot must have ended. */
export async function jobsInState(dir: string): Promise<number> {
  using state = await openState(`${dir}/data`);
  const ids = new Set<unknown>();
  for (const prefix of ["live", "job"]) {
    for await (const { key } of state.kv.list({ prefix: [prefix] })) ids.add(key[1]);
  }
  return ids.size;
}
