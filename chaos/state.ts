/** What the bot's state still holds when it has been stopped: looked at with the bot's own eyes. */
import { createKvInbox } from "../src/kv/inbox.ts";
import { createKvJobStore } from "../src/kv/jobs.ts";
import { openForReading, openState } from "../src/kv/open.ts";
import { parseUpdate } from "../src/telegram/api/update_loop.ts";

/** The jobs that are not settled and the updates that are not dealt with, a line each. The bot must have ended. */
export async function leftInState(dir: string): Promise<readonly string[]> {
  using state = await openState(`${dir}/data`);
  const jobs = await createKvJobStore(state.kv).unsettled();
  const updates = await createKvInbox(state.kv, parseUpdate).left(() => {});
  return [
    ...jobs.map(({ id, state }) => `job ${id} is ${state}`),
    ...updates.map(({ update_id }) => `update ${update_id} is not dealt with`),
  ];
}

/** How many updates wait in the bot's inbox, beside a bot that runs. */
export async function inboxSize(dir: string): Promise<number> {
  using state = await openForReading(`${dir}/data`);
  return (await Array.fromAsync(state.kv.list({ prefix: ["inbox"] }))).length;
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
