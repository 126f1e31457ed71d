/**
 * Row 4: the disk of DATA_DIR and of the log gets full again and again while users send pictures, and is full when the bot
 * starts. Each request is served in the end or was refused with a sentence, and the process never dies of it.
 */
import { setTimeout as pause } from "node:timers/promises";
import { untilOrNot } from "../../lab/load/lives.ts";
import {
  openStand,
  othersOf,
  type Stand,
  untilPolling,
  untilStarted,
  wordsOf,
} from "../../lab/load/stand.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import { canMount, fillDisk, mount, unmount } from "../../lab/small_disk.ts";
import type { Stage } from "../../lab/stage.ts";
import { freeBytesAt } from "../../src/lib/disk_space.ts";
import {
  type ChaosOptions,
  type ChaosRow,
  type Finding,
  none,
  noted,
  promised,
} from "../finding.ts";
import { keepLedger, type Ledger, leftOpen, nobodyAdmin } from "../ledger.ts";
import { leftInState } from "../state.ts";

const crowd = 4;
const runMs = 300;
const rounds = { long: 20, short: 3 };
/** How long the disk is full each time; about as long it has room. */
const lastsMs = { long: 4_000, short: 1_500 };
const endMs = 180_000;
const diskMb = 16;
const floorMb = 6;
/** Of the words of a refusal in English, as users read them. */
const refusal = "The server's disk is full";

const config = `storage: { min_free_mb: ${floorMb}, keep_results: false, backups: 0 }\n`;

export const disk: ChaosRow = {
  name: "disk",
  async run(options: ChaosOptions): Promise<readonly Finding[]> {
    if (!await canMount()) return [noted("the disk is full", "not tried: no right to mount")];
    await using stand = await openStand({
      crowd,
      config,
      env: { ...nobodyAdmin, LOGS_DIR: "data/logs" },
      start: false,
      comfyui: { runMs },
    });
    const dir = `${stand.stage.dir}/data`;
    await Deno.mkdir(dir);
    await mount(dir, `size=${diskMb}m`);
    try {
      return await live(stand, dir, options);
    } finally {
      await unmount(dir);
    }
  },
};

/** From the first start to the last stop. */
async function live(
  stand: Stand,
  dir: string,
  { isShort, seed, tell }: ChaosOptions,
): Promise<readonly Finding[]> {
  const { stage, people } = stand;
  const size = isShort ? "short" : "long";
  const [count, fullMs] = [rounds[size], lastsMs[size]];
  const random = seededRandom(seed);
  const ledger = keepLedger(stage);
  const photo = await gradientJpeg(160, 120);
  const sendWithin = (ms: number) =>
    Promise.all(people.map(async (person) => {
      await pause(random() * ms);
      const caption = wordsOf(ledger.requests.length);
      ledger.add(await person.sendPhoto(photo, { caption }));
    }));
  const died: string[] = [];
  const startAnew = () => {
    stage.start();
    return untilStarted(stage, Date.now());
  };
  await startAnew();
  for (let round = 0; round < count; round++) {
    tell(`disk: full for the ${round + 1}. time, ${missing(stand, ledger)} requests are open`);
    await sendWithin(fullMs);
    {
      // To the floor, where intake stops, and to the last byte, where no write is taken.
      using _filling = round % 2 === 0 ? fillDisk(dir) : fillToFloor(dir);
      await sendWithin(fullMs);
    }
    if (await hasEnded(stage)) {
      died.push(stage.bot.output().slice(-300));
      await startAnew();
    }
  }
  const starts = await startOnFullDisk(stand, dir);
  await untilOrNot(stage, () => missing(stand, ledger) === 0, endMs);
  await untilOrNot(stage, () => leftOpen(stage, people).length === 0, endMs);
  const lost = missing(stand, ledger);
  await stage.stop();
  for (const line of died) tell(`disk: ${line}`);
  const left = await leftInState(stage.dir);
  const twice = ledger.requests.filter((each) => ledger.endingOf(each).results.length > 1).length;
  return [
    none(
      `the disk is full ${count} times, ${ledger.requests.length} requests: lost without a word`,
      lost,
    ),
    noted("· refused with a sentence, because there was no room", `${refusals(stand).length}`),
    none("· results sent twice", twice),
    none("· lives that ended by themselves", died.length, died),
    promised(
      starts.every((start) => start === "works" || start === "exit code 73"),
      "· started while it is full, three times",
      { limit: "exit code 73, or it works", measured: starts.join(", ") },
    ),
    none("· status messages left behind", leftOpen(stage, people).length),
    none("· jobs or updates stuck in the bot's state", left.length, left),
  ];
}

/**
 * Kills the bot on a full disk and starts it, as its service manager does; gives how each start went: the exit code, or
 * that it works all the same, which it does where its files have room in them.
 */
async function startOnFullDisk({ stage }: Stand, dir: string): Promise<readonly string[]> {
  const starts: string[] = [];
  {
    using _filling = fillDisk(dir);
    for (let start = 0; start < 3; start++) {
      if (!await hasEnded(stage)) stage.bot.kill("SIGKILL");
      await stage.bot.status;
      const since = Date.now();
      const { status } = stage.start();
      starts.push(
        await Promise.race([
          status.then(({ code }) => `exit code ${code}`),
          untilPolling(stage, since).then(() => "works", () => "does nothing"),
        ]),
      );
    }
  }
  if (await hasEnded(stage)) stage.start();
  return starts;
}

/** Leaves less than the floor, and enough for the bot's own records. */
function fillToFloor(dir: string): Disposable {
  const path = `${dir}/ballast`;
  const tooMuch = freeBytesAt(dir) - (floorMb / 2) * 2 ** 20;
  Deno.writeFileSync(path, new Uint8Array(Math.max(0, tooMuch)));
  return { [Symbol.dispose]: () => Deno.removeSync(path) };
}

async function hasEnded({ bot }: Stage): Promise<boolean> {
  return await Promise.race([bot.status, Promise.resolve()]) !== undefined;
}

function refusals(stand: Stand): readonly string[] {
  return othersOf(stand).filter((text) => text.startsWith(refusal));
}

/**
 * Requests that have neither a result nor a sentence. A refusal replies to none, so that each user's are counted; one may
 * come twice, when the disk did not take that it was said.
 */
function missing(stand: Stand, ledger: Ledger): number {
  return stand.people.reduce((sum, person) => {
    const open = ledger.open().filter(({ chat }) => chat.id === person.id).length;
    return sum + Math.max(0, open - refusals({ ...stand, people: [person] }).length);
  }, 0);
}
