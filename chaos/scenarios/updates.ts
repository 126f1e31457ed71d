/** Row 8: thousands of unexpected updates. The bot lives on, and does nothing that was not asked for. */
import fc from "fast-check";
import type { Update } from "grammy/types";
import { errorsIn, untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { openStand, resultsFor, type Stand } from "../../lab/load/stand.ts";
import { said, type Stage, untilResults } from "../../lab/stage.ts";
import { atMost, type ChaosOptions, type ChaosRow, type Finding, none, noted } from "../finding.ts";
import { inboxSize, leftInState } from "../state.ts";
import { type Cast, type Content, updateArbitrary } from "../update_arbitrary.ts";

const updateCount = { long: 10_000, short: 500 };
/** So many are queued at a time; then the bot takes them in. */
const batch = 250;
/** How long the last answers may take. */
const endMs = 120_000;
const strangers = [9_001, 9_002, 9_003];
const groups = [-1_000_000_009_001, -1_000_000_009_002];
/** Every so many updates an old one comes again, under its old id. */
const replayEvery = 25;

export const updates: ChaosRow = {
  name: "updates",
  async run({ isShort, seed, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const count = updateCount[isShort ? "short" : "long"];
    await using stand = await openStand({
      crowd: 3,
      // The owner of the jobs is no part of the made-up updates.
      env: { ADMIN_USER_IDS: "10001" },
      config: "access: { mode: approve, allow: [10002, 10003] }\n",
      telegram: { limits: false, keepCalls: 500_000 },
    });
    const { stage, people: [owner] } = stand;
    const photo = await phonePhoto();
    await owner!.sendPhoto(photo, { caption: "the owner's own steps=1" });
    const [result] = await untilResults(stage, owner!);
    const cast: Cast = {
      strangers,
      friends: [10_002, 10_003],
      groups,
      realButtons:
        result?.reply_markup?.inline_keyboard.flat().flatMap((button) =>
          "callback_data" in button ? [button.callback_data] : []
        ) ?? [],
    };
    const ran = stage.comfyui.ran.length;
    const from = Date.now();
    await pushAll(stand, fc.sample(updateArbitrary(cast), { numRuns: count, seed }), tell);
    const seconds = (Date.now() - from) / 1000;
    const isAlive = await isStillRunning(stage);

    // Like on any other day.
    const request = await owner!.sendPhoto(photo, { caption: "and one more steps=1" });
    await stage.telegram.until(() => resultsFor(stage, request).length > 0, {
      what: "the result of an honest request",
    });
    // Users are answered one sentence a second.
    await untilOrNot(stage, async () => await inboxSize(stage.dir) === 0, endMs);
    const byOthers = stage.comfyui.ran.length - ran - 1;
    const untouched = stage.telegram.message(result!.chat, result!.message_id);
    await stage.stop();
    const left = await leftInState(stage.dir);
    const errors = await errorsIn(stage, 1_000);
    tell(`updates: the last errors in the log:\n${errors.slice(-10).join("\n")}`);
    return [
      none(`${count} made-up updates: the bot crashed`, isAlive ? 0 : 1, [
        stage.bot.output().slice(-300),
      ]),
      none("· jobs without a request", byOthers),
      none(
        "· what forged buttons did to another user's result",
        JSON.stringify(untouched) === JSON.stringify(result) ? 0 : 1,
      ),
      none("· answers to strangers' forged buttons", answersTo(stage, strangers)),
      atMost("· messages to strangers (one an hour each)", {
        value: messagesTo(stage),
        limit: strangers.length,
        unit: "",
      }),
      none("· jobs or updates stuck in the bot's state", left.length, left),
      noted(
        "· time for all; lines of ERROR in the log",
        `${seconds.toFixed(1)} s; ${errors.length}`,
      ),
    ];
  },
};

async function pushAll(
  { stage: { telegram } }: Stand,
  contents: readonly Content[],
  tell: (line: string) => void,
): Promise<void> {
  const pushed: Update[] = [];
  for (let start = 0; start < contents.length; start += batch) {
    for (const content of contents.slice(start, start + batch)) {
      const old = pushed.at(-replayEvery);
      // What a replay has of its own, its id too, wins over what the emulator gives.
      if (old && pushed.length % replayEvery === 0) telegram.push(old);
      pushed.push(telegram.push(content));
    }
    await telegram.until(() => telegram.unconfirmed.length === 0, {
      what: `the updates up to ${start + batch} are taken`,
    });
    if (start % 2_500 === 0) tell(`updates: ${start} are taken`);
  }
}

async function isStillRunning({ bot }: Stage): Promise<boolean> {
  const running = Promise.resolve("running");
  return await Promise.race([bot.status, running]) === "running";
}

/** Presses of theirs that were answered: a press's id begins with who pressed. */
function answersTo({ telegram }: Stage, ids: readonly number[]): number {
  return telegram.calls.filter(({ method, params }) =>
    method === "answerCallbackQuery" &&
    ids.some((id) => String(params.callback_query_id).startsWith(`${id}0000`))
  ).length;
}

function messagesTo(stage: Stage): number {
  return strangers.reduce((sum, id) => {
    const person = stage.telegram.person({ id, first_name: "" });
    return sum + said(stage, person).length;
  }, 0);
}
