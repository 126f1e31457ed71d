/** Recordings of a real ComfyUI, read for the tests. */
import { z } from "zod";

const recording = z.looseObject({
  response: z.object({ http_status: z.number(), body: z.unknown().optional() }).optional(),
  events: z.array(z.object({
    text: z.unknown().optional(),
    binary: z.object({ length: z.number(), base64: z.string().nullable() }).optional(),
  })).default([]),
  history: z.unknown().optional(),
});

/** Names of the recordings that hold a run. */
export const runs = [
  "success_core_nodes",
  "success_subfolder_input",
  "success_qwen_template_with_previews",
  "success_previews_with_metadata",
  "success_all_cached",
  "interrupted_mid_sampling",
  "execution_error_broken_checkpoint",
  "reconnect_mid_run",
];

/** A recording as it is on disk: `system_stats`, `object_info`, … */
export async function readRecording(name: string): Promise<unknown> {
  const url = new URL(`./recordings/${name}.json`, import.meta.url);
  return JSON.parse(await Deno.readTextFile(url));
}

/** A recording of a request, and of a run where there was one. */
export async function loadRun(name: string) {
  return recording.parse(await readRecording(name));
}
