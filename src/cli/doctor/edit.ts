/**
 * `doctor --edit`: one real edit, from a picture of our own to ComfyUI's result. Owns the picture and what is said of the end;
 * the edit itself is cli/commands/edit.ts's.
 */
import { join } from "node:path";
import { type Config } from "../../config/mod.ts";
import { createCanvas, encodePng } from "../../images/drawing/mod.ts";
import { inspectImage } from "../../images/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import { edit, type EditDeps } from "../commands/mod.ts";
import { type Stream } from "../core/mod.ts";
import { fail, type Finding, ok } from "./check.ts";

/** Large enough for a model to do something with, small enough to be made in no time. */
const side = 512;
const words = "Turn the blue sky into a red sunset";

/** Edits with the configured template; rejects only with the io's signal's reason. */
export async function checkEdit(
  deps: EditDeps,
  { config, dir }: { readonly config: Config; readonly dir: string },
): Promise<Finding> {
  const { io, now } = deps;
  const folder = await Deno.makeTempDir({ prefix: "image-edit-bot-" });
  const heard = listeningTo(io.stderr);
  try {
    const [image, out] = [join(folder, "in.png"), join(folder, "out.png")];
    await Deno.writeFile(image, await testPicture());
    const startedAt = now();
    const code = await edit({
      ...deps,
      io: { ...io, stdout: silent, stderr: heard.stream },
    }, {
      config,
      dir,
      images: [image],
      text: words,
      out,
      sets: [],
      template: config.workflow.template,
      force: false,
    });
    const seconds = ((now() - startedAt) / 1000).toFixed(1);
    if (code !== 0) return fail(heard.text(), "image-edit-bot edit tries it with your own picture");
    const result = inspectImage(await Deno.readFile(out), {
      maxBytes: Number.MAX_SAFE_INTEGER,
      allowedFormats: ["png", "jpeg", "webp"],
    });
    if (!result.ok) return fail(`what came back is no picture (${result.problem.kind})`);
    const { width, height } = result.image;
    return ok(`a picture of ${width} × ${height} pixels after ${seconds} s`);
  } catch (error) {
    io.signal.throwIfAborted();
    return fail(messageOf(error));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A blue sky, a sun, a green field. */
async function testPicture(): Promise<Uint8Array> {
  const horizon = side * 0.6;
  const picture = createCanvas(side, side, [91, 155, 213]);
  picture.rect({ x: 0, y: horizon }, side, side - horizon, [74, 143, 60]);
  const sun = { x: side * 0.7, y: side * 0.2 };
  picture.line(sun, sun, side * 0.2, [255, 217, 102]);
  return await encodePng(picture);
}

const silent: Stream = { writeSync: (bytes) => bytes.length, isTerminal: () => false };

/** Shows a bar to who looks at a terminal, and keeps the lines that are said. */
function listeningTo(stderr: Stream): { readonly stream: Stream; text(): string } {
  let said = "";
  const isTerminal = stderr.isTerminal();
  return {
    stream: {
      isTerminal: () => isTerminal,
      writeSync(bytes) {
        const text = new TextDecoder().decode(bytes);
        // The bar redraws its line, and says nothing that is worth keeping.
        if (isTerminal && text.startsWith("\r")) return stderr.writeSync(bytes);
        said += text;
        return bytes.length;
      },
    },
    text: () => said.trim().split("\n").filter((line) => !/^\d+ %$/.test(line)).join("\n"),
  };
}
