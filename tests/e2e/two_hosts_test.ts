/**
 * A worker behind NAT, in a network of its own: what a cut line costs.
 *
 * Drives besides: src/remote/redis.ts, src/remote/postgres.ts, lab/network/two_hosts.ts.
 */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { canServePostgres, startPostgres } from "../../lab/servers/postgres.ts";
import { canServeRedis, startRedis } from "../../lab/servers/redis.ts";
import { type RemoteWorker, startWorker, untilJoined } from "../../lab/remote_worker.ts";
import { holdRun, openStage, results, type Stage, untilResults } from "../../lab/stage.ts";
import { patienceMs, until } from "../../lab/until.ts";
import { rowsOf } from "../postgres/rows.ts";
import { canHaveTwoHosts, openTwoHosts, type TwoHosts } from "../../lab/network/two_hosts.ts";

const ignore = !(canHaveTwoHosts() && await canServeRedis() && await canServePostgres());

/** The bots and their queues are on one host, the workers and their ComfyUIs on the other. */
async function openOn(
  hosts: TwoHosts,
  urls: readonly string[],
  stack: AsyncDisposableStack,
): Promise<readonly { readonly stage: Stage; readonly worker: RemoteWorker }[]> {
  const stages: Stage[] = [];
  for (const QUEUE_URL of urls) {
    const config = 'queue: { url: "${QUEUE_URL}" }\ncomfyui: { backends: [] }\n';
    const env = { QUEUE_URL };
    stages.push(stack.use(await openStage({ telegram: { limits: false }, config, env })));
  }
  hosts.enter("worker");
  const all = [];
  for (const [i, stage] of stages.entries()) {
    const worker = stack.use(await startWorker({ name: "gpu-2", url: urls[i]! }));
    await untilJoined(stage, worker);
    all.push({ stage, worker });
  }
  return all;
}

Deno.test("over Redis and PostgreSQL a job on a worker behind NAT outlives a cut line", {
  ignore,
}, async () => {
  using hosts = openTwoHosts();
  hosts.enter("bot");
  await using redis = await startRedis(["--requirepass", "TEST-SECRET"], hosts.botAddress);
  await using postgres = await startPostgres(hosts.botAddress);
  const urls = [redis.database().replace("//", "//:TEST-SECRET@"), await postgres.database()];
  await using stack = new AsyncDisposableStack();
  const both = await openOn(hosts, urls, stack);
  const photo = await gradientJpeg(160, 120);
  const holds = both.map(({ worker }) => holdRun(worker));
  for (const { stage, worker: { comfyui } } of both) {
    await stage.ben.sendPhoto(photo, { caption: "runs steps=1" });
    await comfyui.until(() => comfyui.ran.length === 1, { what: "it runs" });
  }
  const former = hosts.outerAddress();
  hosts.cut();
  for (const hold of holds) hold.remove();
  for (const { worker: { comfyui } } of both) {
    await comfyui.until(() => comfyui.ran[0]?.outcome === "success", { what: "it is rendered" });
  }
  hosts.join();
  // The silence of a line is noticed after a while, one after another by all who use it.
  const late = { timeoutMs: 3 * patienceMs };
  for (const { stage } of both) {
    await until("the result comes", () => results(stage, stage.ben).length === 1, late);
  }
  for (const { stage } of both) await stage.ben.sendPhoto(photo, { caption: "next steps=1" });
  for (const { stage, worker } of both) {
    await untilResults(stage, stage.ben, 2);
    assert.equal(results(stage, stage.ben).length, 2);
    assert.equal(worker.comfyui.ran.length, 2);
  }
  hosts.enter("bot");
  for (const { worker: { comfyui: { port } } } of both) {
    await assert.rejects(Deno.connect({ hostname: hosts.workerAddress, port }));
  }
  await until(
    "the worker hears of a job at once again, and its former line is forgotten",
    async () => {
      const listeners = await rowsOf<{ client: string }>(
        urls[1]!,
        "select host(client_addr) as client from pg_stat_activity where application_name = 'gpu-2'",
      );
      const clients = listeners.map(({ client }) => client);
      return clients.includes(hosts.outerAddress()) && !clients.includes(former);
    },
  );
});
