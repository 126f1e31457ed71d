/**
 * Row 4, before it has begun: a start finds more updates in its inbox than one commit takes, for the process before it died
 * with all of them in hand. It lives, and deals with each.
 */
import type { Update } from "grammy/types";
import { killAgainAndAgain, untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { openStand, wordsOf } from "../../lab/load/stand.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import type { Stage } from "../../lab/stage.ts";
import { createKvInbox } from "../../src/kv/inbox.ts";
import { openState } from "../../src/kv/open.ts";
import { parseUpdate } from "../../src/telegram/api/update_loop.ts";
import { type ChaosOptions, type ChaosRow, type Finding, none, noted } from "../finding.ts";
import { keepLedger, outOfOrder } from "../ledger.ts";
import { inboxSize, leftInState } from "../state.ts";

const long = { people: 100, words: 3_400, kills: 6, endMs: 300_000 };
const short = { people: 10, words: 1_490, kills: 2, endMs: 180_000 };
const runMs = 20;
/** How long each life before the last one lasts, from its start: until the inbox is read, or a little longer. */
const lives = { minLifeMs: 300, maxLifeMs: 1_200 };
/** Words in a group that are not for the bot: they are dealt with, and nothing comes of them. */
const group = -1_000_000_008_001;

export const backlog: ChaosRow = {
  name: "backlog",
  async run({ isShort, seed, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const { people: crowd, words, kills, endMs } = isShort ? short : long;
    await using stand = await openStand({ crowd, start: false, comfyui: { runMs } });
    const { stage, people } = stand;
    const ledger = keepLedger(stage);
    const photo = await phonePhoto();
    const room = stage.telegram.group({
      id: group,
      title: "Chatter",
      members: people,
      botIsAdmin: true,
    });
    for (let index = 0; index < words; index++) {
      people[index % crowd]!.sendText(`message ${index}`, { chat: room });
    }
    for (const [index, person] of people.entries()) {
      ledger.add(await person.sendPhoto(photo, { caption: wordsOf(index) }));
    }
    const updates = stage.telegram.unconfirmed;
    tell(`backlog: ${updates.length} updates wait`);
    await keepAll(stage, updates);

    const from = Date.now();
    stage.start();
    const { died } = await killAgainAndAgain(stage, {
      kills,
      ...lives,
      random: seededRandom(seed),
      onLife: () => () => {},
    });
    await untilOrNot(stage, () => ledger.open().length === 0, endMs);
    await untilOrNot(stage, async () => await inboxSize(stage.dir) === 0, endMs);
    await stage.stop();
    const left = await leftInState(stage.dir);
    return [
      none(
        `${updates.length} updates wait at a start, ${kills} kills -9 then: requests lost`,
        ledger
          .open().length,
      ),
      none("· lives that ended by themselves", died.length, died),
      none("· results of one person out of order", outOfOrder(ledger).length, outOfOrder(ledger)),
      none("· jobs or updates stuck in the bot's state", left.length, left),
      noted("· until the last result", `${((Date.now() - from) / 1000).toFixed(0)} s`),
    ];
  },
};

/** Has a process that died left them: it had kept them all, and told Telegram of none. */
async function keepAll({ dir }: Stage, updates: readonly Update[]): Promise<void> {
  using state = await openState(`${dir}/data`);
  await createKvInbox(state.kv, parseUpdate).keep(updates);
}
