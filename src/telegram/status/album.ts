/**
 * Delivers a result of several files: as albums of at most ten, pictures apart from files, then a message with the buttons,
 * because an album has none. Owns what goes into which album, and that after a kill nothing is sent twice: each part that
 * was sent is recorded.
 */
import { type Api, InputFile, InputMediaBuilder } from "grammy";
import type { Message } from "grammy/types";
import { textIn } from "../../i18n/mod.ts";
import { extensionOf } from "../../images/mod.ts";
import {
  type AlbumItems,
  type Delivered,
  type FileIds,
  type Job,
  type SendMark,
} from "../../jobs/mod.ts";
import { type NoteSending } from "../../worker/mod.ts";
import { albumCaption, albumKeyboard } from "./job_keyboards.ts";
import type { Form, Place } from "./result_form.ts";
import type { SendOnce } from "./send_once.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** One file of the result. */
export interface AlbumFile {
  readonly file: string;
  readonly form: Form;
  readonly size: number;
}

/** What goes out in one call. */
export interface AlbumPart {
  readonly form: Form;
  readonly files: readonly AlbumFile[];
  /** How many files are in the parts before it. */
  readonly start: number;
}

/** Bot API documentation of sendMediaGroup. */
const maxFiles = 10;
/** Of one call: api.telegram.org takes no more than 50 MB at a time. */
const maxBytes = 48 * 1024 * 1024;

/** Photos first, then files: Telegram does not mix them. */
export function partsOf(files: readonly AlbumFile[]): readonly AlbumPart[] {
  const parts: { form: Form; files: AlbumFile[]; bytes: number }[] = [];
  for (const form of ["photo", "file"] as const) {
    for (const file of files.filter((each) => each.form === form)) {
      const last = parts.at(-1);
      const hasRoom = last?.form === form && last.files.length < maxFiles &&
        last.bytes + file.size <= maxBytes;
      if (hasRoom) {
        last.files.push(file);
        last.bytes += file.size;
      } else parts.push({ form, files: [file], bytes: file.size });
    }
  }
  let start = 0;
  return parts.map(({ form, files }) => {
    const part = { form, files, start };
    start += files.length;
    return part;
  });
}

export interface AlbumDeps {
  /** Tries each call once, and at once. */
  readonly once: Api;
  readonly sendOnce: SendOnce;
  /** A file as it goes out. */
  readonly load: (file: string) => Promise<Bytes>;
  readonly note: NoteSending;
}

/**
 * Sends to the place what of the parts has not been sent there yet, then the buttons. `sendAs` tries a part's form, and the next
 * best where Telegram refuses that. Rejects with Telegram's refusal, and as sendOnce does.
 */
export async function sendAlbum(
  { once, sendOnce, load, note }: AlbumDeps,
  job: Job,
  parts: readonly AlbumPart[],
  place: Place,
  sendAs: <T>(form: Form, send: (form: Form) => Promise<T>) => Promise<T>,
): Promise<Delivered> {
  const { chatId } = place;
  let items: AlbumItems = job.album?.chatId === chatId ? job.album.items : [];
  let sendMark = isFor(job.sendMark, job, chatId) ? job.sendMark : undefined;
  const total = parts.reduce((sum, { files }) => sum + files.length, 0);
  const now = () => ({ ...job, album: { chatId, items: [...items] }, sendMark });

  for (const { form, files, start } of parts) {
    if (items.length >= start + files.length) continue;
    const range = { from: start + 1, to: start + files.length, of: total };
    const caption = albumCaption(job, range);
    const sent = await sendAs(form, (form) => {
      const asked = now();
      // It is looked for once.
      sendMark = undefined;
      return sendOnce<readonly (FileIds & { readonly id: number })[]>({
        job: asked,
        kind: { caption },
        chatId,
        count: files.length,
        note: (mark) => note({ sendMark: mark }),
        send: async () => {
          const loaded = [];
          for (const { file } of files) loaded.push(await load(file));
          return (await send(once, job, loaded, { form, caption }, place))
            .map((message) => ({ id: message.message_id, ...fileIdsIn(message) }));
        },
        // Telegram numbers those of an album one after the other.
        found: (id) => files.map((_, i) => ({ id: id + i })),
      });
    });
    items = [...items, ...files.map(({ file }, i) => ({ ...(sent[i] ?? sent[0]!), file }))];
    await note({ sendMark: undefined, album: { chatId, items: [...items] } });
  }

  const messageId = await sendOnce<number>({
    job: now(),
    kind: "buttons",
    chatId,
    note: (mark) => note({ sendMark: mark }),
    send: async () => {
      const text = textIn(job.origin.language);
      const question = job.batch ? text.batch.which : text.albumButtons({ count: total });
      const message = await once.sendMessage(chatId, question, {
        reply_markup: albumKeyboard(now()),
        reply_parameters: {
          message_id: items[0]!.id,
          allow_sending_without_reply: true,
        },
        ...threadOf(place),
        disable_notification: true,
      });
      return message.message_id;
    },
    found: (id) => id,
  });
  return {
    messageId,
    album: [...items],
    ...(chatId === job.origin.chatId ? {} : { chatId }),
  };
}

/** True where the mark is of something that went to that chat. */
function isFor(mark: SendMark | undefined, { origin }: Job, chatId: number): boolean {
  return mark !== undefined && (mark.chatId ?? origin.chatId) === chatId;
}

async function send(
  api: Api,
  job: Job,
  files: readonly Bytes[],
  { form, caption }: { readonly form: Form; readonly caption: string },
  place: Place,
): Promise<readonly Message[]> {
  const options = {
    ...(place.replyTo === undefined ? {} : {
      reply_parameters: { message_id: place.replyTo, allow_sending_without_reply: true },
    }),
    ...threadOf(place),
  };
  const inputs = files.map((bytes, i) =>
    new InputFile(bytes, `image-edit-${job.id}_${i + 1}.${extensionOf(bytes)}`)
  );
  const [only, ...others] = inputs;
  if (only && others.length === 0) {
    return [
      form === "photo"
        ? await api.sendPhoto(place.chatId, only, { ...options, caption })
        : await api.sendDocument(place.chatId, only, {
          ...options,
          caption,
          disable_content_type_detection: true,
        }),
    ];
  }
  const look = (i: number) => i === 0 ? { caption } : {};
  return form === "photo"
    ? await api.sendMediaGroup(
      place.chatId,
      inputs.map((input, i) => InputMediaBuilder.photo(input, look(i))),
      options,
    )
    : await api.sendMediaGroup(
      place.chatId,
      inputs.map((input, i) =>
        InputMediaBuilder.document(input, { ...look(i), disable_content_type_detection: true })
      ),
      options,
    );
}

/** What Telegram keeps of the picture in a message. */
export function fileIdsIn({ photo, document }: Message): FileIds {
  const size = photo?.at(-1);
  return {
    ...(size ? { photoFileId: size.file_id } : {}),
    ...(document ? { documentFileId: document.file_id } : {}),
  };
}

function threadOf({ threadId }: Place): { readonly message_thread_id?: number } {
  return threadId === undefined ? {} : { message_thread_id: threadId };
}
