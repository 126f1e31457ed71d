/**
 * Updates as Telegram might send them, and as it never would: every kind that the Bot API knows, with fields missing, chats
 * of the wrong kind, strange words and forged buttons. None of them asks for a job.
 */
import fc from "fast-check";

/** Who is in the made-up updates. */
export interface Cast {
  readonly strangers: readonly number[];
  /** They may use the bot, and ask for nothing here. */
  readonly friends: readonly number[];
  readonly groups: readonly number[];
  /** Data of buttons that exist, under another user's messages. */
  readonly realButtons: readonly string[];
}

/** An update's content, as JSON has it. */
export type Content = Readonly<Record<string, unknown>>;

/** Words that have broken programs before. */
const strangeTexts = [
  "",
  " ",
  "\u0000",
  "\u202e\u2066reversed",
  "👨‍👩‍👧‍👦".repeat(300),
  "Z̸̡̛͔a̷l̴g̵o".repeat(100),
  "\ud800",
  "a".repeat(4_096),
  "/".repeat(200),
  "/start@somebody_else",
  "/settings@@test_bot ${7*7} {{7*7}} %s%n",
  'steps=99999999999999999999 seed=-1 neg="',
  "'; DROP TABLE jobs; --",
  "../../etc/passwd",
  "<b>&lt;script&gt;</b>",
  "constructor",
  "__proto__",
];

const verbs = ["x", "xa", "s", "j", "r", "p", "po", "pp", "pd", "l", "f", "k", "g", "a", "m"];

const text = fc.oneof(
  fc.constantFrom(...strangeTexts),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc.constantFrom("/start", "/help", "/status", "/cancel", "/users", "/reload", "/queue", "/stats"),
);
const id = fc.oneof(fc.integer({ min: 1, max: 1_000_000 }), fc.constantFrom(0, -1, 2 ** 31));
const date = fc.integer({ min: 0, max: 2 ** 31 });

/** Any of the contents of one update. `index` makes its query unlike all others. */
export function updateArbitrary(cast: Cast): fc.Arbitrary<Content> {
  const user = fc.record({
    id: fc.constantFrom(...cast.strangers, ...cast.friends),
    is_bot: fc.constant(false),
    first_name: text,
    last_name: text,
    username: text,
    language_code: fc.constantFrom("en", "ru", "xx", "", "zh-hans"),
  }, { requiredKeys: ["id", "is_bot", "first_name"] });
  const chat = fc.oneof(
    fc.record({
      id: fc.constantFrom(...cast.strangers, ...cast.friends),
      type: fc.constantFrom("private", "group", "supergroup", "channel", "unheard-of"),
      first_name: text,
    }),
    fc.record({
      id: fc.constantFrom(...cast.groups),
      type: fc.constantFrom("group", "supergroup", "channel", "private"),
      title: text,
      is_forum: fc.boolean(),
    }, { requiredKeys: ["id", "type"] }),
  );
  const file = fc.record({
    file_id: fc.string({ minLength: 1, maxLength: 90 }),
    file_unique_id: fc.string(),
    file_size: fc.oneof(id, fc.constantFrom(2 ** 40, -5)),
    file_name: text,
    mime_type: fc.constantFrom("image/png", "image/svg+xml", "video/mp4", "", "no type"),
    width: id,
    height: id,
  }, { requiredKeys: ["file_id", "file_unique_id"] });
  const entity = fc.record({
    type: fc.constantFrom("mention", "bot_command", "text_link", "custom_emoji", "unheard-of"),
    offset: fc.integer({ min: -5, max: 5_000 }),
    length: fc.integer({ min: -5, max: 5_000 }),
  });
  const content = fc.record({
    text,
    caption: text,
    entities: fc.array(entity, { maxLength: 5 }),
    caption_entities: fc.array(entity, { maxLength: 5 }),
    photo: fc.array(file, { maxLength: 3 }),
    document: file,
    animation: file,
    sticker: file,
    voice: file,
    video_note: file,
    poll: fc.object({ maxDepth: 1 }),
    dice: fc.record({ emoji: text, value: id }),
    location: fc.record({ latitude: fc.double(), longitude: fc.double() }),
    media_group_id: fc.constantFrom("1", "2", "", "constructor"),
    new_chat_members: fc.array(user, { maxLength: 2 }),
    pinned_message: fc.object({ maxDepth: 1 }),
    message_thread_id: id,
    is_topic_message: fc.boolean(),
    forward_origin: fc.object({ maxDepth: 1 }),
    reply_to_message: fc.record({ message_id: id, date, chat, from: user, text }, {
      requiredKeys: ["message_id", "date", "chat"],
    }),
    ephemeral_message_id: id,
    has_media_spoiler: fc.boolean(),
  }, { requiredKeys: [] });
  const frame = fc.record({ message_id: id, date, chat, from: user, sender_chat: chat }, {
    requiredKeys: ["message_id", "date", "chat"],
  });
  const message = fc.tuple(frame, content).map(([head, body]) => harmless(cast, head, body));
  const data = fc.oneof(
    text.map((words) => [...words].slice(0, 30).join("")),
    fc.tuple(fc.constantFrom(...verbs), fc.array(fc.string({ maxLength: 12 }), { maxLength: 5 }))
      .map(([verb, rest]) => [verb, ...rest].join(":")),
    fc.constantFrom(...cast.realButtons),
  );
  const press = fc.record({
    id: fc.bigInt({ min: 1n, max: 10n ** 18n }),
    from: user,
    message,
    inline_message_id: text,
    chat_instance: text,
    data,
    game_short_name: text,
  }, { requiredKeys: ["id", "from", "chat_instance"] })
    // The sender's part of the id tells whose press it was.
    .map((query) => ({ ...query, id: `${query.from.id}0000${query.id}` }));
  const known = fc.oneof(
    { weight: 6, arbitrary: fc.record({ message }) },
    { weight: 4, arbitrary: fc.record({ callback_query: press }) },
    { weight: 1, arbitrary: fc.record({ edited_message: message }) },
    { weight: 1, arbitrary: fc.record({ channel_post: message }) },
    { weight: 1, arbitrary: fc.record({ edited_channel_post: message }) },
    {
      weight: 1,
      arbitrary: fc.record({
        stopped_message_generation: fc.record({ chat, draft_id: id, message_thread_id: id }, {
          requiredKeys: ["chat", "draft_id"],
        }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        my_chat_member: fc.record({ chat, from: user, date, new_chat_member: fc.object() }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ inline_query: fc.record({ id: text, from: user, query: text }) }),
    },
  );
  const unknown = fc.dictionary(
    fc.constantFrom("unheard_of", "poll", "message_reaction", "business_message", "guest_message"),
    fc.object({ maxDepth: 2 }),
    { minKeys: 1, maxKeys: 1 },
  );
  return fc.oneof(
    { weight: 12, arbitrary: known },
    { weight: 1, arbitrary: unknown },
    // Required fields are missing: Telegram does not do that, a proxy might.
    { weight: 2, arbitrary: fc.tuple(known, fc.infiniteStream(fc.boolean())).map(withoutSome) },
  );
}

/** A friend's picture with words, or a reply to a picture, would ask for a job: one of the two is taken away. */
function harmless(cast: Cast, head: Content, body: Content): Content {
  const from = head.from as { readonly id: number } | undefined;
  if (from === undefined || cast.strangers.includes(from.id)) return { ...head, ...body };
  const { photo: _photo, document: _document, ...words } = body;
  return { ...head, ...words };
}

/** Takes fields away, of the update's one part and of the parts of that. */
function withoutSome([update, chance]: [Content, IterableIterator<boolean>]): Content {
  const thin = (value: unknown, depth: number): unknown =>
    typeof value !== "object" || value === null || Array.isArray(value) || depth === 0
      ? value
      : Object.fromEntries(
        Object.entries(value).flatMap(([key, part]) =>
          // Half of a half: most of it stays. Ids stay, or nothing could be told of it afterwards.
          key !== "id" && chance.next().value && chance.next().value
            ? []
            : [[key, thin(part, depth - 1)]]
        ),
      );
  return Object.fromEntries(Object.entries(update).map(([kind, part]) => [kind, thin(part, 2)]));
}
