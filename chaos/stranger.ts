/** Row 6: somebody floods the bot, a stranger and then one who may use it. Nobody else notices; a stranger gets nothing of it. */
import { setTimeout as pause } from "node:timers/promises";
import { phonePhoto } from "../lab/load/photos.ts";
import { openStand, type Stand } from "../lab/load/stand.ts";
import { percentile, seededRandom } from "../lab/load/statistics.ts";
import { said } from "../lab/stage.ts";
import type { Person } from "../lab/telegram/mod.ts";
import { atMost, type ChaosOptions, type ChaosRow, type Finding, none } from "./finding.ts";
import { keepLedger, type Ledger } from "./ledger.ts";
import { type Menu, openMenu, pressAtRandom } from "./presser.ts";

const friends = 4;
/** More than the runner of updates handles at a time by default. */
const chatter = 700;
const rounds = { long: 4, short: 2 };
const acts = { long: 1_000, short: 200 };
const runMs = 200;
const handful = 3;
/** Others may wait a little longer: the host does work for the stranger too, and in the short run has other tests beside it. */
const slack = {
  long: { share: 1.5, jobMs: 1_500, pressMs: 1_000 },
  short: { share: 1.5, jobMs: 3_000, pressMs: 3_000 },
};
const forged = ["x:abc", "r:again:abc", "s:dy:set:steps:3", "k:yes:502", "k:ask", "k:list:0", "?"];

/** What those who may use the bot notice. */
interface Feeling {
  readonly jobMs: number;
  readonly pressMs: number;
}

export const stranger: ChaosRow = {
  name: "stranger",
  async run({ isShort, seed, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const size = isShort ? "short" : "long";
    const random = seededRandom(seed);
    await using stand = await openStand({
      // The last one is the chatterbox.
      crowd: friends + 1,
      config: "access: { mode: approve }\n",
      telegram: { queryTtlMs: 2_000, keepCalls: 200_000 },
      comfyui: { runMs },
    });
    const { stage, people } = stand;
    const ledger = keepLedger(stage);
    const menu = await openMenu(stage, people[0]!);
    // The first jobs of a process are slower than the others.
    await feel(stand, ledger, menu, { rounds: 1, random });
    tell("stranger: how it is without them");
    const alone = await feel(stand, ledger, menu, { rounds: rounds[size], random });
    const since = Date.now();
    const ran = stage.comfyui.ran.length;
    const results = ledger.requests.length;
    tell(`stranger: ${acts[size]} messages, files and presses`);
    const [beset] = await Promise.all([
      feel(stand, ledger, menu, { rounds: rounds[size], random }),
      flood(stage.ben, { count: acts[size], random }),
    ]);
    await stage.telegram.until(() => stage.telegram.unconfirmed.length === 0, {
      what: "all is read",
    });
    const asked = ledger.requests.length - results;
    const made = stage.comfyui.ran.length - ran - asked;
    const calls = stage.telegram.calls.filter(({ at }) => at >= since);
    const downloads = calls.filter(({ method }) => method === "getFile").length - asked;
    const answers = said(stage, stage.ben).length;
    tell(`stranger: ${chatter} commands of a friend`);
    const chatterbox = people[friends]!;
    for (let index = 0; index < chatter; index++) chatterbox.sendText("/help");
    const talked = await feel(stand, ledger, menu, { rounds: 1, random });
    const { share, jobMs, pressMs } = slack[size];
    const others = (what: string, felt: Feeling) => [
      atMost(`· ${what}, others' jobs, middle of each round`, {
        value: felt.jobMs,
        limit: alone.jobMs * share + jobMs,
        unit: "ms",
        of: `${alone.jobMs} ms without`,
      }),
      atMost(`· ${what}, others' presses, p95`, {
        value: felt.pressMs,
        limit: alone.pressMs * share + pressMs,
        unit: "ms",
        of: `${alone.pressMs} ms without`,
      }),
    ];
    return [
      none(
        `a stranger sends ${acts[size]} messages, files and presses: jobs made of it`,
        made,
      ),
      none("· files fetched", downloads),
      atMost("· messages in answer", { value: answers, limit: handful, unit: "" }),
      ...others("meanwhile", beset),
      ...others(`a friend sends ${chatter} commands`, talked),
    ];
  },
};

/** Lets the other friends send pictures and press for some rounds; gives what they notice. */
async function feel(
  { stage, people }: Stand,
  ledger: Ledger,
  menu: Menu,
  { rounds, random }: { readonly rounds: number; readonly random: () => number },
): Promise<Feeling> {
  const photo = await phonePhoto();
  const over = new AbortController();
  const pressing = pressAtRandom(menu, { random, signal: over.signal });
  const jobMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = Date.now();
    for (const person of people.slice(1, friends)) {
      ledger.add(await person.sendPhoto(photo, { caption: `round ${round}` }));
    }
    await stage.telegram.until(() => ledger.open().length === 0, {
      what: "the round's results",
    });
    jobMs.push(Date.now() - from);
  }
  over.abort();
  return { jobMs: percentile(jobMs, 0.5), pressMs: percentile(await pressing, 0.95) };
}

async function flood(
  person: Person,
  { count, random }: { readonly count: number; readonly random: () => number },
): Promise<void> {
  const photo = await phonePhoto();
  person.sendText("/start");
  const presses: Promise<unknown>[] = [];
  for (let index = 1; index < count; index++) {
    const kind = random();
    if (kind < 0.3) person.sendText(`message ${index}`);
    else if (kind < 0.5) await person.sendPhoto(photo, { caption: "edit this" });
    else if (kind < 0.6) person.sendDocument(photo, { filename: `${index}.jpg`, caption: "this" });
    else if (kind < 0.7) await person.sendAlbum([{ photo, caption: "these" }, { photo }]);
    else {
      const data = forged[Math.floor(random() * forged.length)]!;
      presses.push(person.press({ chat: person.privateChat, message_id: index }, { data }));
    }
    // Others get a word in, as over a network.
    if (index % 10 === 0) await pause(0);
  }
  await Promise.all(presses);
}
