/**
 * Row 3, first half: the host's clock jumps by a day while jobs run, as when a time server is found at last. libfaketime
 * tells the bot another time; the clock that nobody sets goes on, as the kernel's does.
 */
import { existsSync } from "node:fs";
import { untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { openStand, type Stand } from "../../lab/load/stand.ts";
import { type ChaosOptions, type ChaosRow, type Finding, noted, promised } from "../finding.ts";
import { keepLedger, type Ledger } from "../ledger.ts";
import { maxCallsPerSecond, peakOfCalls } from "../pace.ts";
import { watchShown } from "../shown.ts";

/** Debian's package libfaketime. */
const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
const daySeconds = 86_400;
const crowd = 3;
/** A run of two seconds. */
const words = "winter steps=20";
const stepMs = 100;
const endMs = 180_000;

/** Where the clock goes, one jump after the other, in seconds off the true time. */
const jumps = [
  { what: "a day forward", toSeconds: daySeconds },
  { what: "a day back", toSeconds: 0 },
  { what: "another day back", toSeconds: -daySeconds },
  { what: "a day forward, to the true time", toSeconds: 0 },
];
const shortJumps = jumps.slice(0, 2);

export const clock: ChaosRow = {
  name: "clock",
  async run({ isShort, tell }: ChaosOptions): Promise<readonly Finding[]> {
    if (!existsSync(library)) {
      return [noted("the clock jumps by a day", "not tried: libfaketime is not installed")];
    }
    const dir = await Deno.makeTempDir({ prefix: "image-edit-bot-clock-" });
    try {
      const file = `${dir}/offset`;
      const setClock = (seconds: number) =>
        // Renamed into place: the bot reads it at any time.
        Deno.writeTextFile(`${file}.new`, `${seconds < 0 ? "" : "+"}${seconds}\n`)
          .then(() => Deno.rename(`${file}.new`, file));
      await setClock(0);
      await using stand = await openStand({
        crowd,
        config: "comfyui: { poll_seconds: 0.5 }\n",
        comfyui: { stepMs },
        env: {
          LD_PRELOAD: library,
          FAKETIME_TIMESTAMP_FILE: file,
          FAKETIME_NO_CACHE: "1",
          FAKETIME_DONT_FAKE_MONOTONIC: "1",
        },
      });
      const ledger = keepLedger(stand.stage);
      const findings: Finding[] = [];
      for (const { what, toSeconds } of isShort ? shortJumps : jumps) {
        tell(`clock: ${what}`);
        findings.push(await jump(stand, ledger, { what, setClock: () => setClock(toSeconds) }));
      }
      return findings;
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
};

/** Lets the clock jump under a running job and waiting ones; the socket falls silent with it, so that only asking helps. */
async function jump(
  stand: Stand,
  ledger: Ledger,
  { what, setClock }: { readonly what: string; readonly setClock: () => Promise<void> },
): Promise<Finding> {
  const { stage, people } = stand;
  const photo = await phonePhoto();
  const first = ledger.requests.length;
  const ran = stage.comfyui.ran.length;
  for (const person of people) ledger.add(await person.sendPhoto(photo, { caption: words }));
  await stage.comfyui.until(() => stage.comfyui.ran.length > ran, { what: "a run" });
  await setClock();
  const from = Date.now();
  stage.comfyui.faults.add({ kind: "socket-silent" });
  const shown = watchShown(stage);
  await untilOrNot(stage, () => ledger.open().length === 0, endMs);
  shown.stop();
  const results = ledger.requests.slice(first)
    .filter((request) => ledger.endingOf(request).results.length === 1).length;
  const { perSecond, mostly } = peakOfCalls(stage, from);
  // A run that seemed to take a day would spoil what users are told of the next ones.
  const texts = shown.all.filter(({ isChange }) => isChange).map(({ text }) => text);
  const hours = texts.filter((text) => /\d\s*h\b/.test(text));
  return promised(
    results === crowd && texts.length > 0 && perSecond <= maxCallsPerSecond &&
      hours.length === 0,
    `the clock jumps ${what}, the socket falls silent`,
    {
      limit: `${crowd} results, progress still shown, ≤ ${maxCallsPerSecond} calls a second`,
      measured: `${results} results in ${
        ((Date.now() - from) / 1000).toFixed(1)
      } s, ${texts.length} changes shown, most ${perSecond} calls a second (${mostly})${
        hours[0] ? ` · ${hours[0]}` : ""
      }`,
    },
  );
}
