/**
 * Row: Telegram refuses in every way that it has while many jobs are under way: forms, topics, rights, a group that moves, one
 * that puts the bot out, users who block it, its token, downloads. A kill comes in the middle. What was rendered reaches its
 * person, at the latest when they write again.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Message } from "grammy/types";
import { untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import {
  isResult,
  openStand,
  type Stand,
  untilPolling,
  wordsOf,
  wordsOfCaption,
} from "../../lab/load/stand.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import type { Fault, MessageRef, Person } from "../../lab/telegram/mod.ts";
import { type ChaosOptions, type ChaosRow, type Finding, none, noted } from "../finding.ts";
import { nobodyAdmin } from "../ledger.ts";
import { leftInState } from "../state.ts";

const long = { people: 20, jobs: 200, withinMs: 12_000, endMs: 240_000 };
const short = { people: 8, jobs: 40, withinMs: 4_000, endMs: 180_000 };
const runMs = 30;
/** Of so many jobs one is asked for in a group: Telegram takes 20 messages a minute there. */
const groupEvery = 5;
const topic = 5;
const oldId = -4_012_345_678;
const newId = -1_001_000_000_001;
/** Users who block the bot in the middle and come back at the end. */
const away = 2;
const tokenMs = 3_000;

/** One request, and where its result may come. */
interface Asked {
  readonly words: string;
  readonly person: Person;
  readonly message: MessageRef;
  readonly chats: readonly { readonly id: number }[];
}

export const refusals: ChaosRow = {
  name: "refusals",
  async run({ isShort, seed, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const { people: count, jobs, withinMs, endMs } = isShort ? short : long;
    const random = seededRandom(seed);
    tell(`refusals: ${jobs} jobs of ${count} people`);
    await using stand = await openStand({
      crowd: count,
      env: nobodyAdmin,
      config: "queue: { max_size: 20000 }\n",
      comfyui: { runMs },
      telegram: { limits: false, random },
    });
    const { stage, people } = stand;
    const groups = openGroups(stand);
    const asked: Asked[] = [];
    const photo = await phonePhoto();

    const sending = Array.from({ length: jobs }, async (_, index) => {
      const person = people[index % count]!;
      // Users who block the bot, and a group that puts it out, cannot ask any more.
      const isEarly = index % count < away || groupOf(index) === "hostile";
      await pause(random() * withinMs * (isEarly ? 0.1 : 1));
      asked.push(await ask(stand, { index, person, groups, photo }));
    });
    const trouble = (async () => {
      await pause(withinMs * 0.2);
      for (const person of people.slice(0, away)) person.block();
      for (const fault of passingFaults) stage.telegram.faults.add(fault);
      await pause(withinMs * 0.2);
      stage.telegram.endTopic(groups.forum, topic, random() < 0.5 ? "closed" : "deleted");
      stage.telegram.forbid(groups.shy, "photos");
      stage.telegram.kick(groups.hostile);
      await pause(withinMs * 0.1);
      groups.moved = stage.telegram.migrate(groups.moved, newId, { silently: random() < 0.5 });
      await pause(withinMs * 0.1);
      await stage.restart();
      // At a start a token that is refused is the owner's mistake: only the new life's question counts.
      await untilPolling(stage, Date.now());
      await pause(withinMs * 0.1);
      const token = stage.telegram.faults.add({
        method: random() < 0.5 ? /./ : /^send(Photo|Document)$/,
        kind: "refuse",
        code: 401,
        description: "Unauthorized",
      });
      await pause(tokenMs);
      token.remove();
    })();
    await Promise.all([...sending, trouble]);
    const lost = () => asked.filter((each) => resultsOf(stand, each).length === 0);
    const isOpen = ({ person }: Asked) => !people.slice(0, away).includes(person);
    await untilOrNot(stage, () => lost().filter(isOpen).length === 0, endMs);
    const late = lost().length;
    for (const person of people) {
      person.unblock();
      person.sendText("/status");
    }
    const pressed = new Set<string>();
    await untilOrNot(stage, () => fetchOffered(stand, pressed) && lost().length === 0, endMs);
    // Whoever asked how things stand has heard it: their updates are dealt with.
    await untilOrNot(stage, () => people.every((person) => isAnswered(stand, person)), endMs);
    // The preview of a run whose result has come may still be there.
    await untilOrNot(stage, () => astray(stand, asked).length === 0, endMs);
    await stage.stop();
    const left = await leftInState(stage.dir);
    const twice = asked.filter((each) => resultsOf(stand, each).length > 1);
    const wrong = astray(stand, asked);
    return [
      none(
        `Telegram refuses in every way during ${jobs} jobs, with a kill: lost`,
        lost().length,
        lost().map(({ words, message }) => `${words} in ${message.chat.id}`),
      ),
      none("· results where they do not belong", wrong.length, wrong),
      none("· jobs or updates stuck in the bot's state", left.length, left),
      noted("· came when their person wrote again; sent twice", `${late}; ${twice.length}`),
    ];
  },
};

/** Faults that hit a few calls each, of any method. */
const passingFaults: readonly Fault[] = [
  { method: "sendPhoto", kind: "refuse", description: "Bad Request: PHOTO_INVALID_DIMENSIONS" },
  { method: "sendPhoto", kind: "refuse", description: "Bad Request: IMAGE_PROCESS_FAILED" },
  { method: "sendPhoto", kind: "413html" },
  {
    method: "getFile",
    kind: "refuse",
    description: "Bad Request: wrong file_id or the file is temporarily unavailable",
  },
].map((fault) => ({ ...fault, times: 3, probability: 0.5 }) as Fault);

function openGroups({ stage, people }: Stand) {
  const { telegram } = stage;
  const base = { members: people, botIsAdmin: true };
  return {
    forum: telegram.group({ ...base, id: -1_001_000_000_002, title: "Forum", forum: true }),
    shy: telegram.group({ ...base, id: -1_001_000_000_003, title: "No photos" }),
    hostile: telegram.group({ ...base, id: -1_001_000_000_004, title: "Hostile" }),
    moved: telegram.basicGroup({ ...base, id: oldId, title: "Moving" }) as { readonly id: number },
  };
}

type Groups = ReturnType<typeof openGroups>;

/** The group that the request with that number is made in; undefined for a private chat. */
function groupOf(index: number): keyof Groups | undefined {
  const names = ["forum", "shy", "hostile", "moved"] as const;
  return index % groupEvery === 0 ? names[index / groupEvery % names.length] : undefined;
}

/** Sends one request: most in the private chat, the others in the groups in turn. */
async function ask(
  { stage }: Stand,
  { index, person, groups, photo }: {
    readonly index: number;
    readonly person: Person;
    readonly groups: Groups;
    readonly photo: Uint8Array;
  },
): Promise<Asked> {
  const words = wordsOf(index);
  const own = person.privateChat;
  const name = groupOf(index);
  if (name === undefined) {
    const message = await person.sendPhoto(photo, { caption: words });
    return { words, person, message, chats: [own] };
  }
  const chat = groups[name];
  const message = await person.sendPhoto(photo, {
    chat,
    caption: `@${stage.telegram.bot.username} ${words}`,
    ...(name === "forum" ? { threadId: topic } : {}),
  });
  const chats = name === "moved" ? [{ id: oldId }, { id: newId }] : [chat];
  return { words, person, message, chats: [own, ...chats] };
}

function messagesIn({ stage }: Stand, chat: { readonly id: number }): readonly Message[] {
  try {
    return stage.telegram.messages(chat);
  } catch {
    // The group has not moved yet.
    return [];
  }
}

function resultsOf(stand: Stand, { words, chats }: Asked): readonly Message[] {
  return chats.flatMap((chat) => messagesIn(stand, chat)).filter((message) =>
    isResult(message) && wordsOfCaption(message.caption) === words
  );
}

/** Results in a chat that did not ask for them, and those that reply to another request. */
function astray(stand: Stand, asked: readonly Asked[]): readonly string[] {
  const chats = new Map<number, Message[]>();
  for (const { chats: allowed } of asked) {
    for (const chat of allowed) chats.set(chat.id, [...messagesIn(stand, chat)]);
  }
  return [...chats.values()].flat().filter(isResult).flatMap((message) => {
    const words = wordsOfCaption(message.caption);
    const request = asked.find((each) => each.words === words);
    const replied = message.reply_to_message?.message_id;
    const isRight = request?.chats.some(({ id }) => id === message.chat.id) &&
      (replied === undefined || replied === request.message.message_id);
    return isRight ? [] : [`${words} in ${message.chat.id}`];
  });
}

/** True where the user was told what /status says. */
function isAnswered({ stage }: Stand, { privateChat }: Person): boolean {
  return stage.telegram.messages(privateChat).some(({ text = "" }) =>
    /^(The queue is empty|In the whole queue)/m.test(text)
  );
}

/** Presses what offers a kept result; once each, by `pressed`. */
function fetchOffered({ stage, people }: Stand, pressed: Set<string>): true {
  for (const person of people) {
    for (const message of stage.telegram.messages(person.privateChat)) {
      for (const button of message.reply_markup?.inline_keyboard.flat() ?? []) {
        if (!("callback_data" in button) || !button.callback_data.startsWith("d:")) continue;
        if (pressed.has(button.callback_data)) continue;
        pressed.add(button.callback_data);
        person.press(message, { data: button.callback_data }).catch(() => {});
      }
    }
  }
  return true;
}
