/** Row 4: everybody at once, and a `kill -9` in the middle. Nothing is lost, and the buttons answer as on any other day. */
import { setTimeout as pause } from "node:timers/promises";
import { untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { openStand, untilPolling, wordsOf } from "../../lab/load/stand.ts";
import { median, percentile, seededRandom } from "../../lab/load/statistics.ts";
import { atMost, type ChaosOptions, type ChaosRow, type Finding, none, noted } from "../finding.ts";
import { keepLedger, outOfOrder } from "../ledger.ts";
import { openMenu, pressAtRandom } from "../presser.ts";

const long = { people: 200, each: 5, withinMs: 10_000, endMs: 400_000, share: 0.95 };
/** Of the few presses of the short run a machine that stands still for a moment delays more than one in twenty. */
const short = { people: 30, each: 2, withinMs: 1_500, endMs: 180_000, share: 0.5 };
const pressers = 5;
const runMs = 20;
const maxPressMs = 1_000;

export const crowd: ChaosRow = {
  name: "crowd",
  async run({ isShort, seed, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const { people: count, each, withinMs, endMs, share } = isShort ? short : long;
    const random = seededRandom(seed);
    tell(`crowd: ${count} people, ${each} pictures each`);
    await using stand = await openStand({
      crowd: count + pressers,
      comfyui: { runMs },
      telegram: { keepCalls: 200_000 },
    });
    const { stage } = stand;
    const people = stand.people.slice(0, count);
    const ledger = keepLedger(stage);
    const photo = await phonePhoto();
    const menus = await Promise.all(
      stand.people.slice(count).map((person) => openMenu(stage, person)),
    );
    const press = () => {
      const over = new AbortController();
      const samples = menus.map((menu) => pressAtRandom(menu, { random, signal: over.signal }));
      return async () => {
        over.abort();
        return (await Promise.all(samples)).flat();
      };
    };
    const untilKill = press();

    const from = Date.now();
    const total = count * each;
    const sending = Array.from({ length: total }, async (_, index) => {
      await pause(random() * withinMs);
      const person = people[index % count]!;
      ledger.add(await person.sendPhoto(photo, { caption: wordsOf(index) }));
    });
    await pause(withinMs / 2);
    // No presses while there is no bot to answer.
    const before = await untilKill();
    await stage.restart();
    await untilPolling(stage, Date.now());
    const sinceKill = press();
    await Promise.all(sending);
    await untilOrNot(stage, () => ledger.open().length === 0, endMs);
    const seconds = (Date.now() - from) / 1000;
    const samples = [...before, ...await sinceKill()];
    const refused = stage.telegram.calls.filter(({ error_code }) => error_code === 429).length;
    const duplicates = ledger.requests.filter((request) =>
      ledger.endingOf(request).results.length > 1
    );
    return [
      none(
        `${count} people send ${each} pictures each within ${
          withinMs / 1000
        } s, a kill -9 in the middle: lost`,
        ledger.open().length,
      ),
      atMost("· results sent twice (one a kill)", {
        value: duplicates.length,
        limit: 1,
        unit: "",
      }),
      none("· results of one person out of order", outOfOrder(ledger).length, outOfOrder(ledger)),
      atMost(`· a press is answered, p${100 * share}`, {
        value: percentile(samples, share),
        limit: maxPressMs,
        unit: "ms",
        of: `${samples.length} presses, median ${median(samples)}, most ${Math.max(...samples)}`,
      }),
      noted(
        "· until the last result; calls that Telegram refused for flooding",
        `${seconds.toFixed(0)} s; ${refused}`,
      ),
    ];
  },
};
