/**
 * Row: presses race messages. People tap ideas while their next picture comes, tap twice, and write right behind a press; kills
 * come in the middle. Each picture has a size of its own, which its result keeps: what was edited is seen in the chat.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Message } from "grammy/types";
import { killAgainAndAgain, untilOrNot } from "../../lab/load/lives.ts";
import { isResult, openStand, type Stand, wordsOf } from "../../lab/load/stand.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import { flatJpeg } from "../../lab/pictures.ts";
import type { MessageRef, Person, Press } from "../../lab/telegram/mod.ts";
import { textIn } from "../../src/i18n/mod.ts";
import { atMost, type ChaosOptions, type ChaosRow, type Finding, none, noted } from "../finding.ts";
import { nobodyAdmin } from "../ledger.ts";
import { jobsInState, leftInState } from "../state.ts";

const long = { people: 20, rounds: 3, kills: 6, maxLifeMs: 6_000, endMs: 60_000 };
const short = { people: 6, rounds: 1, kills: 2, maxLifeMs: 4_000, endMs: 60_000 };
const runMs = 60;
const minLifeMs = 2_000;
/** A press that a dead process has left unanswered. */
const queryTtlMs = 3_000;

/** A picture by its size: no two are alike. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Results that must come: so many replies to a message, each of that size. */
interface Expected extends Size {
  readonly request: MessageRef;
  readonly act: string;
  count: number;
}

/** One person, and what they wait for. */
interface Player {
  readonly stand: Stand;
  readonly person: Person;
  readonly random: () => number;
  readonly expected: Expected[];
  /** Of an act in which a message or a press was left out, for two lives in a row ended while it was handled: its user was told. */
  readonly excused: Expected[];
  readonly newPicture: () => Size;
  readonly newWords: () => string;
  /** How the buttons of the question about a message end: over a kill the bot may ask twice, also about a former one. */
  readonly draftOf: (message: MessageRef) => string;
  readonly endMs: number;
}

export const presses: ChaosRow = {
  name: "presses",
  async run({ isShort, seed, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const { people: crowd, rounds, kills, maxLifeMs, endMs } = isShort ? short : long;
    const random = seededRandom(seed);
    tell(`presses: ${crowd} people, ${rounds * acts.length} acts each, ${kills} kills`);
    await using stand = await openStand({
      crowd,
      env: nobodyAdmin,
      config: "queue: { max_size: 20000 }\n",
      comfyui: { runMs },
      telegram: { limits: false, random, queryTtlMs },
    });
    const { stage, people } = stand;
    const updateIds = new Map<string, number>();
    stage.telegram.onEvent((event) => {
      const message = event.type === "update" ? event.update.message : undefined;
      if (event.type !== "update" || !message) return;
      updateIds.set(`${message.chat.id}:${message.message_id}`, event.update.update_id);
    });
    let pictures = 0;
    let words = 0;
    const players = people.map((person, index): Player => ({
      stand,
      person,
      random: seededRandom(seed * 1_000 + index),
      expected: [],
      excused: [],
      newPicture: () => sizeOf(pictures++),
      newWords: () => wordsOf(words++),
      draftOf: ({ chat, message_id }) =>
        `:${updateIds.get(`${chat.id}:${message_id}`)?.toString(36)}`,
      endMs,
    }));
    const from = Date.now();
    const playing = Promise.all(players.map((player) => play(player, rounds)));
    const options = { kills, minLifeMs, maxLifeMs, random, onLife: () => () => {} };
    const { died } = await killAgainAndAgain(stage, options);
    await playing;
    const seconds = (Date.now() - from) / 1000;
    await Promise.all(players.map(served));
    await stage.stop();

    const expected = players.flatMap((player) => player.expected);
    const excused = players.flatMap((player) => player.excused);
    const asked = [...expected, ...excused].reduce((sum, { count }) => sum + count, 0);
    const told = players.reduce((sum, player) => sum + leftOut(player), 0);
    const lost = expected.filter((each) => repliesTo(stand, each.request).length < each.count);
    const mixed = expected.filter((each) =>
      repliesTo(stand, each.request).some((message) => !isOf(message, each))
    );
    const jobs = await jobsInState(stage.dir);
    const twice = Math.max(0, jobs - asked);
    const left = await leftInState(stage.dir);
    const name = ({ act, request }: Expected) =>
      `${act} of ${request.chat.id}:${request.message_id}`;
    return [
      none(
        `${crowd} people press while their messages come, ${kills} kills: lost`,
        lost.length,
        lost.map(name),
      ),
      none("· another picture than the one that was meant", mixed.length, mixed.map(name)),
      atMost("· left out, and its user told: two lives ended at it", {
        value: told,
        limit: kills - 1,
        unit: "",
      }),
      none("· jobs that nobody asked for", twice, [`${jobs} for ${asked}`]),
      none("· jobs or updates stuck in the bot's state", left.length, left),
      none("· lives that ended by themselves", died.length, died),
      noted("· jobs; until the last was there", `${asked}; ${seconds.toFixed(0)} s`),
    ];
  },
};

/** What a person does, by name; each ends when its results are there. */
const acts:
  readonly (readonly [name: string, act: (player: Player, act: string) => Promise<void>])[] = [
    ["an idea and the next picture", ideaAndPicture],
    ["two taps on an idea", twoTaps],
    ["further, then words", furtherAndWords],
    ["original, then words", originalAndWords],
    ["two taps on again", tapAgain],
    ["two taps on start", tapStart],
    ["done, then words", doneAndWords],
  ];

/** All acts, in an order of the person's own. */
async function play(player: Player, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const order = acts.map((act) => ({ act, at: player.random() })).sort((a, b) => a.at - b.at);
    for (const { act: [name, act] } of order) {
      const begun = player.expected.length;
      const told = leftOut(player);
      await act(player, name);
      await served(player);
      if (leftOut(player) > told) player.excused.push(...player.expected.splice(begun));
    }
  }
}

async function ideaAndPicture(player: Player, act: string): Promise<void> {
  const { size, message, question } = await ask(player);
  const next = player.newPicture();
  const press = () => void pressOn(player, question, /^p:/);
  const picture = () => player.person.sendPhoto(flatJpeg(next.width, next.height));
  if (player.random() < 0.5) {
    press();
    await picture();
  } else {
    await picture();
    press();
  }
  if (player.random() < 0.5) press();
  expect(player, act, message, size);
  say(player, act, next);
}

async function twoTaps(player: Player, act: string): Promise<void> {
  const { size, message, question } = await ask(player);
  expect(player, act, message, size);
  await tapTwice(player, question, /^p:/);
}

async function furtherAndWords(player: Player, act: string): Promise<void> {
  const older = await begin(player, act);
  await begin(player, act);
  void pressOn(player, resultOf(player, older), /^r:further:/);
  say(player, act, older);
}

async function originalAndWords(player: Player, act: string): Promise<void> {
  const size = await begin(player, act);
  const edited = say(player, act, size);
  await served(player);
  await begin(player, act);
  const result = resultOf(player, edited);
  await pressOn(player, result, /^r:more:/);
  const more = await found(
    player,
    (message) =>
      dataIn(message, /^r:original:/) !== undefined && message.message_id === result?.message_id,
  );
  void pressOn(player, more, /^r:original:/);
  say(player, act, size);
}

async function tapAgain(player: Player, act: string): Promise<void> {
  const first = await begin(player, act);
  first.count++;
  await tapTwice(player, resultOf(player, first), /^r:again:/);
}

async function tapStart(player: Player, act: string): Promise<void> {
  const first = await begin(player, act);
  const result = resultOf(player, first);
  await pressOn(player, result, /^r:params:/);
  const menu = await found(player, (message) =>
    dataIn(message, /:start$/) !== undefined &&
    message.reply_to_message?.message_id === result?.message_id);
  first.count++;
  await tapTwice(player, menu, /:start$/);
}

async function doneAndWords(player: Player, act: string): Promise<void> {
  const begun = player.person.sendText("/new");
  const size = player.newPicture();
  await player.person.sendPhoto(flatJpeg(size.width, size.height));
  const question = await asked(player, begun, /^pd:/);
  void pressOn(player, question, /^pd:/);
  say(player, act, size);
}

/** Sends a picture without words and waits for the question about it. */
async function ask(player: Player) {
  const size = player.newPicture();
  const message = await player.person.sendPhoto(flatJpeg(size.width, size.height));
  return { size, message, question: await asked(player, message, /^p:/) };
}

/** The question about the pictures that the message began with. */
function asked(player: Player, message: MessageRef, button: RegExp): Promise<Message | undefined> {
  const ending = player.draftOf(message);
  return found(player, (each) => dataIn(each, button)?.endsWith(ending) ?? false);
}

/** Sends a picture with words and waits for its result. */
async function begin(player: Player, act: string): Promise<Expected> {
  const size = player.newPicture();
  const photo = flatJpeg(size.width, size.height);
  const message = await player.person.sendPhoto(photo, { caption: player.newWords() });
  const expected = expect(player, act, message, size);
  await served(player);
  return expected;
}

/** Words alone; they must edit a picture of that size. */
function say(player: Player, act: string, { width, height }: Size): Expected {
  const message = player.person.sendText(player.newWords());
  return expect(player, act, message, { width, height });
}

function expect(player: Player, act: string, request: MessageRef, size: Size): Expected {
  const { width, height } = size;
  const expected = { act, request, width, height, count: 1 };
  player.expected.push(expected);
  return expected;
}

async function served(player: Player): Promise<void> {
  await untilOrNot(player.stand.stage, () => isServed(player), player.endMs);
}

/** Two taps, the second so soon that the first is hardly answered. */
async function tapTwice(
  player: Player,
  message: Message | undefined,
  button: RegExp,
): Promise<void> {
  const first = pressOn(player, message, button);
  await pause(player.random() * 40);
  await Promise.all([first, pressOn(player, message, button)]);
}

/** Presses the button, again where the bot has not yet noted that the result has arrived. */
async function pressOn(
  { stand: { stage }, person }: Player,
  message: Message | undefined,
  button: RegExp,
): Promise<void> {
  const data = message && dataIn(message, button);
  if (!message || data === undefined) return;
  const isStale = ({ text = "" }: Press) => data.startsWith("r:") && /out of date/.test(text);
  // At once: what is sent next must come behind it.
  if (!isStale(await person.press(message, { data }))) return;
  await untilOrNot(stage, async () => !isStale(await person.press(message, { data })), 5_000);
}

function dataIn(message: Message, button: RegExp): string | undefined {
  return message.reply_markup?.inline_keyboard.flat().flatMap((each) =>
    "callback_data" in each && button.test(each.callback_data) ? [each.callback_data] : []
  )[0];
}

/** The bot's first message that is right, when it is there. */
async function found(
  { stand: { stage }, person: { privateChat }, endMs }: Player,
  isRight: (message: Message) => boolean,
): Promise<Message | undefined> {
  const look = () =>
    stage.telegram.messages(privateChat).find((message) =>
      message.from?.is_bot && isRight(message)
    );
  await untilOrNot(stage, () => look() !== undefined, endMs);
  return look();
}

function resultOf({ stand }: Player, { request }: Expected): Message | undefined {
  return repliesTo(stand, request)[0];
}

/** The results that reply to it; a send that a kill has cut may have come twice, and counts once. */
function repliesTo({ stage }: Stand, { chat, message_id }: MessageRef): readonly Message[] {
  const replies = stage.telegram.messages(chat).filter((message) =>
    isResult(message) && message.reply_to_message?.message_id === message_id &&
    jobOf(message) !== undefined
  );
  return [...new Map(replies.map((each) => [jobOf(each), each])).values()];
}

/** The job whose result it is, by the buttons of either page. */
function jobOf(message: Message): string | undefined {
  return dataIn(message, /^r:(further|back):/)?.split(":")[2];
}

function isServed({ stand, expected }: Player): boolean {
  return expected.every(({ request, count }) => repliesTo(stand, request).length >= count);
}

/** How many messages and presses of theirs were left out. */
function leftOut({ stand: { stage }, person: { privateChat } }: Player): number {
  const { message, press } = textIn("en").leftOut;
  return stage.telegram.messages(privateChat).filter(({ text }) =>
    text === message || text === press
  ).length;
}

function isOf({ photo }: Message, { width, height }: Size): boolean {
  const largest = photo?.at(-1);
  return largest?.width === width && largest.height === height;
}

function sizeOf(index: number): Size {
  return { width: 40 + 8 * (index % 32), height: 40 + 8 * Math.floor(index / 32) };
}
