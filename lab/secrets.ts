/** A token to be found wherever the bot has let it out, and the search for it. */
import { filesUnder, readIfThere } from "./files.ts";
import { said, type Stage } from "./stage.ts";

const secret = "AAplanted-token_of_thirty_five_chars";
/** A token as Telegram gives them. */
export const token = `1234567890:${secret}`;

/** The bot's files, relative to its folder, but the one that the owner has put the token into. */
export async function filesOfBot({ dir }: Stage): Promise<readonly string[]> {
  return (await filesUnder(dir)).filter((file) => file !== ".env");
}

/** Places in which a part of the token stands; texts are searched as bytes are, one character a byte. */
export function placesOf(texts: ReadonlyMap<string, string>): readonly string[] {
  const forms = [secret, encodeURIComponent(token), btoa(token), secret.slice(0, 16)];
  const hits = [...texts].filter(([, text]) => forms.some((form) => text.includes(form)));
  return hits.map(([place]) => place);
}

/** Everything that the bot has written, shown and said, by place. */
export async function everything(stage: Stage, address: string): Promise<Map<string, string>> {
  const texts = new Map([["its output", stage.bot.output()]]);
  for (const path of ["metrics", "healthz", "readyz", "nothing"]) {
    texts.set(`/${path}`, await (await fetch(`${address}/${path}`)).text());
  }
  for (const file of await filesOfBot(stage)) {
    const bytes = await readIfThere(`${stage.dir}/${file}`);
    if (bytes) texts.set(file, new TextDecoder("latin1").decode(bytes));
  }
  for (const person of [stage.anna, stage.ben]) {
    texts.set(`the chat of ${person.user.first_name}`, JSON.stringify(said(stage, person)));
  }
  texts.set("ComfyUI", JSON.stringify(stage.comfyui.ran));
  return texts;
}
