/** Figures: from the start of the process to its first question for updates, with an empty state and with a long queue. */
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { phonePhoto } from "../lab/load/photos.ts";
import { openStand, type Stand, startOf, untilPolling } from "../lab/load/stand.ts";
import { median } from "../lab/load/statistics.ts";
import type { Stage } from "../lab/stage.ts";
import { newJob } from "../src/jobs/job.ts";
import { createKvJobStore } from "../src/kv/jobs.ts";
import { openState } from "../src/kv/open.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "./figure.ts";
import { requestOf } from "./waiting_jobs.ts";

const runs = 7;
const waiting = 10_000;
const maxEmptyMs = 600;
/** A long queue may make a start so many times as long. */
const maxTimes = 2;
/** How long users press buttons after a start with a long queue, one press after the other and so far apart. */
const pressMs = 5_000;
const pressEveryMs = 100;
/** So many waiting jobs have their picture on disk: more than are begun while the figure is measured. */
const picturesOnDisk = 50;
/** Calls of the set-up that are under way at a time. */
const setUpCalls = 16;

/** What Telegram lets a bot send a second. */
const maxCallsPerSecond = 30;

export const start: Figure = {
  name: "start",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    tell(`start: ${runs} starts with an empty state`);
    await using empty = await openStand({ crowd: 1, start: false });
    const { row: emptyRow, middleMs } = await startsOf(empty, {
      what: "start of the process → first getUpdates",
      limit: `≤ ${maxEmptyMs / 1000} s`,
      maxMs: maxEmptyMs,
    });
    tell(`start: ${waiting} waiting jobs are made`);
    await using stand = await openStand({
      crowd: waiting,
      start: false,
      telegram: { keepCalls: 100_000 },
      comfyui: { runMs: 3_600_000 },
    });
    const statusMessages = await fillQueue(stand);
    tell(`start: ${runs} starts with ${waiting} waiting jobs`);
    const { row: fullRow } = await startsOf(stand, {
      what: `the same with ${waiting} waiting jobs`,
      limit: `≤ ${maxTimes} × that`,
      maxMs: maxTimes * middleMs,
    });
    return [emptyRow, fullRow, ...await pressesOf(stand, statusMessages)];
  },
};

/** Starts the bot several times and kills it as soon as it asks for updates; leaves it killed. */
async function startsOf(
  { stage }: Stand,
  { what, limit, maxMs }: {
    readonly what: string;
    readonly limit: string;
    readonly maxMs: number;
  },
): Promise<{ readonly row: Row; readonly middleMs: number }> {
  const samples: number[] = [];
  for (let run = 0; run < runs; run++) samples.push(await startOf(stage));
  const middleMs = median(samples);
  const row: Row = {
    what: `${what}, median of ${runs}`,
    limit,
    ours: `${(middleMs / 1000).toFixed(2)} s (${(Math.min(...samples) / 1000).toFixed(2)}–${
      (Math.max(...samples) / 1000).toFixed(2)
    })`,
    verdict: atMost(middleMs, maxMs),
    values: { medianMs: middleMs, minMs: Math.min(...samples), maxMs: Math.max(...samples) },
  };
  return { row, middleMs };
}

const sentMessage = z.object({ result: z.object({ message_id: z.number() }) });

/** Sends each user a status message and writes the job that it belongs to; gives the messages' ids. */
async function fillQueue({ stage, people }: Stand): Promise<readonly number[]> {
  const { telegram } = stage;
  telegram.limits = false;
  const messageIds: number[] = [];
  const left = people.entries();
  await Promise.all(Array.from({ length: setUpCalls }, async () => {
    for (const [index, { id }] of left) {
      const response = await fetch(`${telegram.url}/bot${telegram.token}/sendMessage`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ chat_id: id, text: "waits" }),
      });
      messageIds[index] = sentMessage.parse(await response.json()).result.message_id;
    }
  }));
  telegram.limits = true;

  const dataDir = `${stage.dir}/data`;
  using state = await openState(dataDir);
  const store = createKvJobStore(state.kv);
  const photo = await phonePhoto();
  await Deno.mkdir(`${dataDir}/input`);
  for (const [index, { id }] of people.entries()) {
    const file = `${index}.jpg`;
    // Those at the head are rendered; the others' pictures are not looked at while they wait.
    if (index < picturesOnDisk) await Deno.writeFile(`${dataDir}/input/${file}`, photo);
    const job = newJob(requestOf(index, { userId: id, file }), index + 1, Date.now());
    await store.put({ ...job, statusMessageId: messageIds[index]! });
  }
  return messageIds;
}

/** What users notice of such a start: how fast their presses are answered, and how much is sent meanwhile. */
async function pressesOf(
  { stage, people }: Stand,
  statusMessages: readonly number[],
): Promise<readonly Row[]> {
  const from = Date.now();
  stage.start();
  const polling = await untilPolling(stage, from);
  const samples: number[] = [];
  for (let index = 100; Date.now() - polling < pressMs; index += 37) {
    const chat = people[index]!.privateChat;
    const message = { chat, message_id: statusMessages[index]! };
    const press = await people[index]!.press(message, { data: `x:w${index.toString(36)}` });
    if (!press.answered) throw new Error("Cannot measure: a press was not answered");
    samples.push(press.ms);
    await pause(pressEveryMs);
  }
  const seconds = (Date.now() - polling) / 1000;
  const sent = countedCalls(stage, polling);
  const perSecond = sent.length / seconds;
  return [
    {
      what: `press of a button answered in the first ${
        pressMs / 1000
      } s of that, most of ${samples.length}`,
      limit: "—",
      ours: `${Math.max(...samples).toFixed(0)} ms (median ${median(samples).toFixed(0)})`,
      verdict: "info",
      values: { maxMs: Math.max(...samples), medianMs: median(samples) },
    },
    {
      what: "messages and edits a second meanwhile",
      limit: `≤ ${maxCallsPerSecond}, none refused for flooding`,
      ours: `${perSecond.toFixed(1)}, ${sent.filter(isFlood).length} refused`,
      verdict: sent.some(isFlood) ? "missed" : atMost(perSecond, maxCallsPerSecond),
      values: { perSecond, refused: sent.filter(isFlood).length },
    },
  ];
}

function countedCalls({ telegram }: Stage, since: number) {
  return telegram.calls.filter(({ method, at }) => at >= since && /^(send|edit)/.test(method));
}

function isFlood(call: { readonly error_code?: number }): boolean {
  return call.error_code === 429;
}
