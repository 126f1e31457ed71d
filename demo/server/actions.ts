/**
 * What a visitor of the page does in the chats: the requests of the page, parsed and done. Knows the emulated Telegram,
 * not HTTP's routes. A request is refused with an `ActRefusal`, which the page shows.
 */
import { z } from "zod";
import type { AlbumItem, MessageRef, Press, SendOptions } from "../../lab/telegram/mod.ts";
import { type PageWorld, visitorOf } from "./world.ts";

/** The act cannot be done, and why, for the user at the page. */
export class ActRefusal extends Error {
  override readonly name = "ActRefusal";
}

const Ref = z.object({
  chat: z.object({ id: z.number() }),
  message_id: z.number(),
  ephemeral_message_id: z.number().optional(),
});

const Sending = z.object({
  personId: z.number(),
  chatId: z.number(),
  text: z.string().default(""),
  replyTo: Ref.optional(),
  /** How the files go: as photos that Telegram recompresses, or as they are. */
  as: z.enum(["photo", "file"]).default("photo"),
});

/** Every act but sending, by its name in the address. */
const acts = {
  press: z.object({ personId: z.number(), message: Ref, data: z.string() }),
  edit: z.object({ personId: z.number(), message: Ref, text: z.string() }),
  forward: z.object({ personId: z.number(), message: Ref, chatId: z.number() }),
  delete: z.object({ personId: z.number(), message: Ref }),
  stop: z.object({ personId: z.number(), chatId: z.number() }),
  /** The language of the visitor's Telegram. */
  language: z.object({ code: z.string().regex(/^[a-z]{2}$/) }),
};

/** An album is 2–10 messages, as in Telegram. */
const MAX_ALBUM = 10;

/** Does what a form with `about` (JSON of a sending), `file` and `thumbnail` (by the file's place) asks. */
export async function send(world: PageWorld, form: FormData): Promise<void> {
  const { personId, chatId, text, replyTo, as } = parse(Sending, textOf(form.get("about")));
  const { person } = visitorOf(world, personId);
  const options: SendOptions = { chat: chatId, ...(replyTo === undefined ? {} : { replyTo }) };
  const files = form.getAll("file").filter((file) => file instanceof File);
  if (files.length === 0) {
    if (text.trim() === "") throw new ActRefusal("Cannot send: nothing was written");
    person.sendText(text, options);
    return;
  }
  if (files.length > MAX_ALBUM) {
    throw new ActRefusal(`Cannot send ${files.length} files at once (wanted at most ${MAX_ALBUM})`);
  }
  const caption = text.trim() === "" ? {} : { caption: text };
  const items = await Promise.all(files.map((file) => itemOf(file, as)));
  const [only] = items;
  await refusing(async () => {
    if (only === undefined || items.length > 1) {
      // The caption is on the first picture, as Telegram's apps put it.
      await person.sendAlbum(
        items.map((item, i) => i === 0 ? { ...item, ...caption } : item),
        options,
      );
    } else if ("photo" in only) await person.sendPhoto(only.photo, { ...options, ...caption });
    else {
      const thumbnail = form.get("thumbnail");
      person.sendDocument(only.document, {
        ...options,
        ...caption,
        filename: only.filename,
        ...(only.mime === undefined ? {} : { mime: only.mime }),
        ...(thumbnail instanceof File ? { thumbnail: await bytesOf(thumbnail) } : {}),
      });
    }
  });
}

/** Does another act; a press resolves with its answer, all others with an empty object. */
export async function act(
  world: PageWorld,
  name: string,
  body: string,
): Promise<Press | Record<never, never>> {
  const person = (id: number) => visitorOf(world, id).person;
  return await refusing(async () => {
    switch (name) {
      case "press": {
        const { personId, message, data } = parse(acts.press, body);
        return await person(personId).press(refOf(message), { data });
      }
      case "edit": {
        const { personId, message, text } = parse(acts.edit, body);
        person(personId).editText(refOf(message), text);
        return {};
      }
      case "forward": {
        const { personId, message, chatId } = parse(acts.forward, body);
        person(personId).forward(refOf(message), { chat: chatId });
        return {};
      }
      case "delete": {
        const { personId, message } = parse(acts.delete, body);
        person(personId).deleteMessages(refOf(message));
        return {};
      }
      case "stop": {
        const { personId, chatId } = parse(acts.stop, body);
        person(personId).stopDraft(chatId);
        return {};
      }
      case "language": {
        const { code } = parse(acts.language, body);
        for (const { person } of world.visitors) person.setLanguage(code);
        return {};
      }
      default:
        throw new ActRefusal(`Cannot do "${name}": there is no such act`);
    }
  });
}

/** What the emulator refuses is told to the user, as a client would. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ActRefusal) throw error;
    throw new ActRefusal(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parse<T>(schema: z.ZodType<T>, json: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ActRefusal("Cannot read the request: it is no JSON");
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ActRefusal(`Cannot read the request: ${z.prettifyError(result.error)}`);
}

const refOf = (ref: z.infer<typeof Ref>): MessageRef => ref;

async function itemOf(file: File, as: "photo" | "file"): Promise<AlbumItem> {
  const bytes = await bytesOf(file);
  if (as === "photo") return { photo: bytes };
  return { document: bytes, filename: file.name, ...(file.type === "" ? {} : { mime: file.type }) };
}

async function bytesOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === "string" ? value : "";
}
