/** Recordings of two real ComfyUIs, read for the tests: of October 2025 and of November 2026. */
import { z } from "zod";

const recording = z.looseObject({
  response: z.object({ http_status: z.number(), body: z.unknown().optional() }).optional(),
  events: z.array(z.object({
    text: z.unknown().optional(),
    binary: z.object({ length: z.number(), base64: z.string().nullable() }).optional(),
  })).default([]),
  history: z.unknown().optional(),
});

const folders = { "0.3.64": "recordings", "0.33": "recordings-0.33" } as const;
/** Version of the ComfyUI that a recording was made of. */
export type Release = keyof typeof folders;

/** Names of the recordings that hold a run, by release. */
export const runsOf: Readonly<Record<Release, readonly string[]>> = {
  "0.3.64": [
    "success_core_nodes",
    "success_subfolder_input",
    "success_qwen_template_with_previews",
    "success_previews_with_metadata",
    "success_all_cached",
    "interrupted_mid_sampling",
    "execution_error_broken_checkpoint",
    "reconnect_mid_run",
  ],
  "0.33": [
    "success_core_nodes",
    "success_subfolder_input",
    "success_several_results",
    "success_two_save_nodes",
    "success_preview_image_temp",
    "success_text_output",
    "success_dynamic_inputs",
    "success_qwen_template_preview_method_auto",
    "success_qwen_template_preview_method_auto_no_feature_flags",
    "success_qwen_template_without_preview_method",
    "success_all_cached",
    "partly_valid_two_outputs",
    "interrupted_mid_sampling",
    "cancelled_running_by_jobs_api",
    "execution_error_broken_checkpoint",
    "execution_error_broken_picture",
    "execution_error_dynamic_combo_unknown_option",
    "reconnect_mid_run",
  ],
};
/** Those of 0.3.64. */
export const runs = runsOf["0.3.64"];
/** Each of them with its release. */
export const allRuns = (["0.3.64", "0.33"] as const).flatMap((release) =>
  runsOf[release].map((name) => [release, name] as const)
);

/** A recording as it is on disk: `system_stats`, `object_info`, … */
export async function readRecording(name: string, release: Release = "0.3.64"): Promise<unknown> {
  const url = new URL(`../${folders[release]}/${name}.json`, import.meta.url);
  return JSON.parse(await Deno.readTextFile(url));
}

/** A recording of a request, and of a run where there was one. */
export async function loadRun(name: string, release: Release = "0.3.64") {
  return recording.parse(await readRecording(name, release));
}
