/**
 * Figure: what others notice of batches: twenty users have fifty pictures each edited with the same words, and one has twenty in a
 * group. Meanwhile somebody presses buttons, and others send single pictures, in private and in that group.
 */
import { noteLastFrames } from "../lab/load/last_frames.ts";
import type { Message } from "grammy/types";
import { setTimeout as pause } from "node:timers/promises";
import { gradientJpeg } from "../lab/pictures.ts";
import { openStand, type Stand, wordsOf, wordsOfCaption, wordsOfRun } from "../lab/load/stand.ts";
import { median, percentile } from "../lab/load/statistics.ts";
import type { Person } from "../lab/telegram/mod.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "./figure.ts";

const crowd = 20;
const perBatch = 50;
const albumSize = 10;
const inGroup = 20;
const runMs = 80;
const latencyMs = 120;
const maxPressMs = 1_000;
const maxDelayMs = 2_000;
/** Within what Telegram bears of one user's chat, and of a group. */
const pressEveryMs = 1_500;
const singleEveryMs = { private: 4_000, group: 15_000 };

export const batch: Figure = {
  name: "batch",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    tell(`batch: ${crowd} batches of ${perBatch}, ${runMs} ms a job`);
    const photo = await gradientJpeg(640, 480);
    await using stand = await openStand({
      crowd: crowd + 4,
      telegram: { latencyMs, keepCalls: 100_000 },
      comfyui: { runMs },
    });
    const { stage, people } = stand;
    const [presser, single, member, guest] = people.slice(crowd) as [
      Person,
      Person,
      Person,
      Person,
    ];
    const group = stage.telegram.group({
      id: -1_001_700_000_042,
      title: "Club",
      members: [member, guest],
      botIsAdmin: true,
    });
    using lastFrames = noteLastFrames(stage);

    const owners = people.slice(0, crowd);
    await Promise.all(owners.map((person) => collect(stand, person, photo)));
    const menu = await settingsOf(stand, presser);
    tell("batch: all are collected");
    const from = Date.now();
    for (const person of owners) person.sendText("the same for all");
    const mention = `@${stage.telegram.bot.username}`;
    for (let i = 0; i < inGroup / albumSize; i++) {
      await beginInGroup(stand, member, group, albumOf(photo, `${mention} the same for all`));
    }

    const done = new AbortController();
    const presses: number[] = [];
    const first = 100;
    let sent = first;
    const asSingle = (person: Person, caption: string, everyMs: number, chat?: { id: number }) =>
      repeat(everyMs, done.signal, async () => {
        const words = `${caption} ${wordsOf(sent++)}`.trim();
        await person.sendPhoto(photo, { caption: words, ...(chat ? { chat } : {}) });
      });
    const others = Promise.all([
      repeat(pressEveryMs, done.signal, async () => {
        const page = presses.length % 2 === 0 ? "more" : "main";
        const data = `s:${presser.id.toString(36)}:${page}`;
        const { ms, answered } = await presser.press(menu, { data });
        presses.push(answered ? ms : Infinity);
      }),
      asSingle(single, "", singleEveryMs.private),
      asSingle(guest, mention, singleEveryMs.group, group),
    ]);
    const results = crowd * perBatch + inGroup;
    await stage.telegram.until(() => picturesOfBatches(stand) >= results, {
      what: `${results} results of batches`,
      timeoutMs: 600_000,
    });
    const tookMs = Date.now() - from;
    done.abort();
    await others;
    await stage.telegram.until(() => sentAt(stand).size >= sent - first, {
      what: "all single results",
      timeoutMs: 120_000,
    });

    const delays = { private: [] as number[], group: [] as number[] };
    const at = sentAt(stand);
    for (const run of stage.comfyui.ran) {
      const call = at.get(wordsOfRun(run) ?? "");
      if (!call) continue;
      delays[call.chatId < 0 ? "group" : "private"].push(
        call.at - lastFrames.at(run.promptId),
      );
    }
    const refused = stage.telegram.calls.filter(({ error_code }) => error_code === 429).length;
    const pressMs = percentile(presses, 0.95);
    const what = `while ${crowd} batches of ${perBatch} run`;
    return [
      {
        what: `press → answer ${what}, p95 of ${presses.length}`,
        limit: `≤ ${maxPressMs} ms`,
        ours: `${pressMs.toFixed(0)} ms (median ${median(presses).toFixed(0)})`,
        verdict: atMost(pressMs, maxPressMs),
        values: { pressMs },
      },
      ...(["private", "group"] as const).map((where) => {
        const mostMs = Math.max(...delays[where]);
        return {
          what: where === "private"
            ? `last frame → another user's single result ${what}, most of ${delays[where].length}`
            : `the same in a group that gets a batch of ${inGroup}, most of ${
              delays[where].length
            }`,
          limit: `≤ ${maxDelayMs} ms`,
          ours: `${mostMs} ms (median ${median(delays[where])})`,
          verdict: atMost(mostMs, maxDelayMs),
          values: { mostMs },
        };
      }),
      {
        what: `calls that Telegram's flood limits refuse while ${results} results leave`,
        limit: "0",
        ours: `${refused}, in ${(tookMs / 1000).toFixed(0)} s`,
        verdict: atMost(refused, 0),
        values: { refused, tookMs },
      },
    ];
  },
};

function albumOf(photo: Uint8Array<ArrayBuffer>, caption?: string) {
  return Array.from({ length: albumSize }, (_, i) => ({
    photo,
    ...(i === 0 && caption !== undefined ? { caption } : {}),
  }));
}

function untilText(
  { stage }: Stand,
  chat: { readonly id: number },
  words: RegExp,
  after = 0,
): Promise<Message> {
  return stage.telegram.until(
    () =>
      stage.telegram.messages(chat).findLast(({ message_id, text }) =>
        message_id > after && words.test(text ?? "")
      ),
    { what: String(words), timeoutMs: 300_000 },
  );
}

/** `/batch`, and all its pictures. */
async function collect(stand: Stand, person: Person, photo: Uint8Array<ArrayBuffer>) {
  person.sendText("/batch");
  await untilText(stand, person.privateChat, /^Send the pictures/);
  for (let count = albumSize; count <= perBatch; count += albumSize) {
    await person.sendAlbum(albumOf(photo));
    await untilText(stand, person.privateChat, new RegExp(`^Got ${count} pictures`));
  }
}

async function beginInGroup(
  stand: Stand,
  person: Person,
  group: { readonly id: number },
  album: ReturnType<typeof albumOf>,
): Promise<void> {
  const sent = await person.sendAlbum(album, { chat: group });
  const after = sent.at(-1)!.message_id;
  const question = await untilText(stand, group, /these are 10|Shall I make one/, after);
  await person.press(question, "🗂 Each by itself");
}

async function settingsOf(stand: Stand, person: Person): Promise<Message> {
  person.sendText("/settings");
  return await untilText(stand, person.privateChat, /^.*Settings for your next/);
}

/** Again and again, one after the other, until the signal aborts. */
async function repeat(everyMs: number, signal: AbortSignal, act: () => Promise<unknown>) {
  while (!signal.aborted) {
    await act();
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}

/** How many results of batches are in the chats. */
function picturesOfBatches({ stage }: Stand): number {
  return stage.telegram.calls.filter(({ method, ok }) => method === "sendMediaGroup" && ok)
    .reduce((sum, { params: { media } }) => sum + (Array.isArray(media) ? media.length : 0), 0);
}

/** When each single result arrived at Telegram, and for which chat, by its words. */
function sentAt({ stage }: Stand) {
  return new Map(
    stage.telegram.calls.filter(({ method, ok }) => method === "sendPhoto" && ok).map((call) => [
      wordsOfCaption(call.params.caption),
      { at: call.at, chatId: Number(call.params.chat_id) },
    ]),
  );
}
