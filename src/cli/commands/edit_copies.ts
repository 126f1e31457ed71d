/** What ComfyUI keeps of an edit at the command line: removed when the edit is over, as the bot does with its jobs. */
import { type Config } from "../../config/mod.ts";
import { messageOf, wait } from "../../lib/mod.ts";
import { type Backend } from "../../worker/mod.ts";
import { type Io, print } from "../core/mod.ts";

/** A prompt that was stopped ends at its next step; who has stopped it does not wait long. */
const patienceMs = 10_000;
const retryMs = 250;

/** A prompt, and the names under which its pictures were uploaded. */
export interface EditCopies {
  readonly promptId: string;
  readonly uploaded: readonly string[];
}

/** Removes them, unless `storage.keep_in_comfyui` is set. Says in one line where that cannot be done; never rejects. */
export async function removeCopies(
  { backend, io }: { readonly backend: Backend; readonly io: Pick<Io, "stderr"> },
  { storage }: Pick<Config, "storage">,
  { promptId, uploaded }: EditCopies,
): Promise<void> {
  if (storage.keepInComfyUI || uploaded.length === 0) return;
  const files = uploaded.map((name) => ({ name, subfolder: "", folder: "input" as const }));
  const copies = { v: 1 as const, promptId, backend: backend.name, jobId: promptId, files };
  const signal = AbortSignal.timeout(patienceMs);
  try {
    while (!await backend.erase(copies, { signal })) await wait(retryMs, signal);
  } catch (error) {
    const why = signal.aborted ? "its prompt has not ended" : messageOf(error);
    print(io.stderr, `Cannot remove what ComfyUI keeps of this edit: ${why}`);
  }
}
