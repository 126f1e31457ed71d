/**
 * Row 9: files that are no pictures, or more picture than they look. Each is refused or handled, in bounded memory and time,
 * and whatever a file calls itself, nothing outside DATA_DIR is touched.
 */
import { untilOrNot } from "../../lab/load/lives.ts";
import { memoryOf } from "../../lab/load/process_memory.ts";
import { openStand, type Stand } from "../../lab/load/stand.ts";
import { unitEnvironment } from "../../lab/load/unit_environment.ts";
import {
  animatedGif,
  animatedWebp,
  apng,
  bmp,
  bombPng,
  type Bytes,
  flatJpeg,
  flatWebp,
  gradientJpeg,
  gradientPng,
  HTML,
  isoMedia,
  PDF,
  rotatedJpeg,
  SVG,
  TINY_LOSSLESS_WEBP,
  ZIP,
} from "../../lab/pictures.ts";
import type { Person } from "../../lab/telegram/mod.ts";
import { atMost, type ChaosOptions, type ChaosRow, type Finding, none } from "../finding.ts";
import { keepLedger } from "../ledger.ts";

interface Hostile {
  readonly name: string;
  readonly bytes: Bytes;
  /** What it is for the bot: a picture, or nothing. */
  readonly is: "handled" | "refused";
}

const maxPeakMb = 400;
const maxMs = 5_000;
/** In the short run, which has a busy machine beside it. */
const maxShortMs = 20_000;
/** How long an answer is waited for: the bot gives up a drawing after a minute, and says so. */
const endMs = 90_000;
const words = "winter steps=1";

async function hostiles(): Promise<readonly Hostile[]> {
  const jpeg = await gradientJpeg(320, 240);
  const png = gradientPng(320, 240);
  const picture = (name: string, bytes: Bytes): Hostile => ({ name, bytes, is: "handled" });
  const rubbish = (name: string, bytes: Bytes): Hostile => ({ name, bytes, is: "refused" });
  return [
    rubbish("bomb of 900 megapixels.png", bombPng()),
    rubbish("bomb as a photo.jpg", bombPng(20_000)),
    picture("bomb of 98 megapixels.png", bombPng(9_900)),
    picture("98 megapixels.jpg", flatJpeg(9_900, 9_900)),
    rubbish("its head.jpg", jpeg.slice(0, 300)),
    picture("without an end.jpg", jpeg.slice(0, -2)),
    picture("half.png", png.slice(0, png.length / 2)),
    rubbish("ten bytes.png", png.slice(0, 10)),
    rubbish("empty.png", new Uint8Array(0)),
    rubbish("page.png", HTML),
    rubbish("paper.jpg", PDF),
    rubbish("archive.webp", ZIP),
    rubbish("drawing.svg", SVG),
    rubbish("drawing.png", SVG),
    rubbish("heic.jpg", isoMedia("heic", "mif1")),
    rubbish("bitmap.png", bmp()),
    rubbish("animated.jpg", animatedGif()),
    rubbish("animated.png", apng(64, 64, 3)),
    rubbish("animated.webp", animatedWebp(64, 64)),
    picture("png under a wrong name.jpg", png),
    picture("cmyk.jpg", flatJpeg(320, 240, { components: 4 })),
    picture("progressive.jpg", flatJpeg(320, 240, { process: 0xc2 })),
    picture("16 bit.png", gradientPng(320, 240, { bitDepth: 16 })),
    picture("turned.jpg", rotatedJpeg(jpeg, 6)),
    picture("one pixel.webp", TINY_LOSSLESS_WEBP),
    picture("../../escaped.png", png),
    picture("/escaped.png", png),
    picture("..\\..\\escaped.png", png),
    picture("escaped\u0000.png", png),
    picture(`${"long".repeat(60)}.png`, png),
    picture("\u202egnp.\u2028.png", png),
    // As much as is still drawn, and sizes of which a drawing would be as long as no encoder takes.
    picture("12 megapixels.jpg", flatJpeg(4_032, 3_024)),
    picture("12 megapixels.webp", await flatWebp(4_032, 3_024)),
    picture("4000 x 50.png", gradientPng(4_000, 50)),
    picture("1400 x 21.png", gradientPng(1_400, 21)),
    picture("330 x 10.jpg", await gradientJpeg(330, 10)),
    picture("4000 x 10.png", gradientPng(4_000, 10)),
    picture("7 x 3000.webp", await flatWebp(7, 3_000)),
  ];
}

export const pictures: ChaosRow = {
  name: "pictures",
  async run({ isShort, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const all = await hostiles();
    await using stand = await openStand({
      // One for each file: the bot keeps to a message a second in a chat.
      crowd: all.length,
      config: "image: { max_size_mb: 20 }\n",
      telegram: { limits: false },
      env: await unitEnvironment(),
    });
    const { stage } = stand;
    const outside = await listOutside(stand);
    tell(`pictures: ${all.length} files`);
    const wrong: string[] = [];
    let mostMs = 0;
    for (const [index, hostile] of all.entries()) {
      const from = Date.now();
      const end = await send(stand, stand.people[index]!, hostile);
      mostMs = Math.max(mostMs, Date.now() - from);
      if (end !== hostile.is) wrong.push(`${hostile.name}: ${end}`);
    }
    const { answered: compared, unanswered } = await compareAll(stand);
    const peakMb = memoryOf(stage).peakKb / 1024;
    const touched = (await listOutside(stand)).filter((path) => !outside.includes(path));
    return [
      none(
        `${all.length} hostile files (bombs, halves, wrong types, animations, names with ../): ` +
          "not refused or handled as they should be",
        wrong.length,
        wrong,
      ),
      atMost("· the slowest of them", {
        value: mostMs,
        limit: isShort ? maxShortMs : maxMs,
        unit: "ms",
      }),
      atMost("· the bot's memory at its most (VmHWM)", {
        value: Math.round(peakMb),
        limit: maxPeakMb,
        unit: "MB",
        of: `before and after shown of ${compared} results too; environment as in the unit`,
      }),
      none("· before and after that were answered with nothing", unanswered),
      none("· files outside DATA_DIR that were not there before", touched.length, touched),
    ];
  },
};

/** Sends one and waits for what comes of it. */
async function send(
  { stage }: Stand,
  person: Person,
  { name, bytes }: Hostile,
): Promise<"handled" | "refused" | "nothing"> {
  const ledger = keepLedger(stage);
  const before = stage.telegram.messages(person.privateChat).length;
  const request = person.sendDocument(bytes, {
    filename: name,
    caption: words,
    // What it claims to be is the sender's to say.
    mime: "image/png",
  });
  ledger.add(request);
  const refusals = () =>
    stage.telegram.messages(person.privateChat).slice(before + 1).filter(({ text, from }) =>
      from?.is_bot && text !== undefined && !/^[⏳🎨⏸]/u.test(text)
    );
  await untilOrNot(stage, () => ledger.open().length === 0 || refusals().length > 0, endMs);
  if (ledger.endingOf(request).results.length > 0) return "handled";
  return refusals().length > 0 ? "refused" : "nothing";
}

/** Presses "before / after" under every result, which has the bot decode both, and counts the answers. */
async function compareAll(
  { stage, people }: Stand,
): Promise<{ readonly answered: number; readonly unanswered: number }> {
  let unanswered = 0;
  const results = people.flatMap((person) =>
    stage.telegram.messages(person.privateChat)
      .filter(({ document, from }) => from?.is_bot && document !== undefined)
      .map((result) => ({ person, result }))
  );
  for (const { person, result } of results) {
    const messages = () => stage.telegram.messages(person.privateChat);
    const before = messages().length;
    await person.press(result, "◐ Before / after");
    const isAnswered = () => messages().length > before;
    await untilOrNot(stage, isAnswered, endMs);
    if (!isAnswered()) unanswered++;
  }
  return { answered: results.length - unanswered, unanswered };
}

/** What lies beside DATA_DIR, above it, and at the root: where a name with `../` in it would go. */
async function listOutside({ stage: { dir } }: Stand): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    paths.push(`${dir}/${name}`);
    if (!["data", "logs"].includes(name)) continue;
    for await (const inner of Deno.readDir(`${dir}/${name}`)) {
      // The state, its backups and the log are the bot's own.
      if (!/^(state\.|bot\.log|metrics|backups$)/.test(inner.name)) {
        paths.push(`${dir}/${name}/${inner.name}`);
      }
    }
  }
  for (const above of [`${dir}/..`, "/"]) {
    for await (const { name } of Deno.readDir(above)) {
      if (name.includes("escaped")) paths.push(`${above}/${name}`);
    }
  }
  return paths;
}
