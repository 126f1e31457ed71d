/**
 * `doctor --edit`: one real edit of a test picture. Owns the picture and the check's result. Does not know how an edit runs: that
 * is commands/edit.ts's.
 */
import { join } from "node:path";
import { type Config } from "../../config/mod.ts";
import { samplePicture } from "../../images/drawing/mod.ts";
import { inspectImage } from "../../images/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import { edit, type EditDeps } from "../commands/mod.ts";
import { type Stream } from "../core/mod.ts";
import { fail, type Finding, ok } from "./check.ts";

const words = "Turn the blue sky into a red sunset";

/** Edits with the default template; rejects only with the reason of `io.signal`. */
export async function checkEdit(
  deps: EditDeps,
  { config, dir }: { readonly config: Config; readonly dir: string },
): Promise<Finding> {
  const { io, now } = deps;
  const folder = await Deno.makeTempDir({ prefix: "image-edit-bot-" });
  const captured = captureLines(io.stderr);
  try {
    const [image, out] = [join(folder, "in.jpg"), join(folder, "out.png")];
    await Deno.writeFile(image, await samplePicture());
    const startedAt = now();
    const code = await edit({
      ...deps,
      io: { ...io, stdout: silent, stderr: captured.stream },
    }, {
      config,
      dir,
      images: [image],
      text: words,
      out,
      sets: [],
      template: undefined,
      force: false,
    });
    const seconds = ((now() - startedAt) / 1000).toFixed(1);
    if (code !== 0) return fail(captured.text(), "try a picture of your own: image-edit-bot edit");
    const result = inspectImage(await Deno.readFile(out), {
      maxBytes: Number.MAX_SAFE_INTEGER,
      allowedFormats: ["png", "jpeg", "webp"],
    });
    if (!result.ok) return fail(`the result is not a picture (${result.problem.kind})`);
    const { width, height } = result.image;
    return ok(`a picture of ${width} × ${height} pixels after ${seconds} s`);
  } catch (error) {
    io.signal.throwIfAborted();
    return fail(messageOf(error));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const silent: Stream = { writeSync: (bytes) => bytes.length, isTerminal: () => false };

/** Passes a progress bar on to a terminal, and keeps all other lines. */
function captureLines(stderr: Stream): { readonly stream: Stream; text(): string } {
  let kept = "";
  const isTerminal = stderr.isTerminal();
  return {
    stream: {
      isTerminal: () => isTerminal,
      writeSync(bytes) {
        const text = new TextDecoder().decode(bytes);
        // The progress bar redraws its line.
        if (isTerminal && text.startsWith("\r")) return stderr.writeSync(bytes);
        kept += text;
        return bytes.length;
      },
    },
    text: () => kept.trim().split("\n").filter((line) => !/^\d+ %$/.test(line)).join("\n"),
  };
}
