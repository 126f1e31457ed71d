/** Which bot is measured: the executable that IMAGE_EDIT_BOT names, the built one, or main.ts. */
import { fileURLToPath } from "node:url";
import { binaryPath } from "./stand.ts";

const binary = fileURLToPath(new URL("../../dist/image-edit-bot", import.meta.url));
const buildHint = 'Build it: DENORT_BIN="$(path of a denort)" deno task compile';

/** Takes the built executable where none is named; gives the line that says what is measured. */
export async function chooseBot(): Promise<string> {
  const named = binaryPath();
  if (named !== undefined) return `executable ${named}`;
  try {
    const { mtime } = await Deno.stat(binary);
    Deno.env.set("IMAGE_EDIT_BOT", binary);
    return `executable dist/image-edit-bot of ${mtime?.toISOString().slice(0, 16)}Z`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(`dist/image-edit-bot is not there: measuring main.ts from source. ${buildHint}`);
    return "source (main.ts): start and memory are those of `deno run`, not of the executable";
  }
}
