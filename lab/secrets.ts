/** A token to be found wherever the bot has let it out, and the search for it. */
import { said, type Stage } from "./stage.ts";

const secret = "AAplanted-token_of_thirty_five_chars";
/** A token as Telegram gives them. */
export const token = `1234567890:${secret}`;

/** Every file of a folder and of those in it, but the one that the owner has put the token into. */
export async function* filesUnder(dir: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (isDirectory) yield* filesUnder(`${dir}/${name}`);
    else if (name !== ".env") yield `${dir}/${name}`;
  }
}

/** Places in which a part of the token stands; texts are searched as bytes are, one character a byte. */
export function placesOf(texts: ReadonlyMap<string, string>): readonly string[] {
  const forms = [secret, encodeURIComponent(token), btoa(token), secret.slice(0, 16)];
  const hits = [...texts].filter(([, text]) => forms.some((form) => text.includes(form)));
  return hits.map(([place]) => place);
}

/** A file's bytes; undefined where the bot has just removed it. */
async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Everything that the bot has written, shown and said, by place. */
export async function everything(stage: Stage, address: string): Promise<Map<string, string>> {
  const texts = new Map([["its output", stage.bot.output()]]);
  for (const path of ["metrics", "healthz", "readyz", "nothing"]) {
    texts.set(`/${path}`, await (await fetch(`${address}/${path}`)).text());
  }
  for await (const file of filesUnder(stage.dir)) {
    const bytes = await readIfThere(file);
    if (bytes) texts.set(file.slice(stage.dir.length + 1), new TextDecoder("latin1").decode(bytes));
  }
  for (const person of [stage.anna, stage.ben]) {
    texts.set(`the chat of ${person.user.first_name}`, JSON.stringify(said(stage, person)));
  }
  texts.set("ComfyUI", JSON.stringify(stage.comfyui.ran));
  return texts;
}
