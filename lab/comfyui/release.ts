/**
 * The two releases of ComfyUI whose answers were recorded, and all that the simulator does otherwise for each. Pure.
 */

/** 0.3.64 is of October 2025, 0.33 of 2026. */
export type Release = "0.3.64" | "0.33";

/** Both, the older first. */
export const releases: readonly Release[] = ["0.3.64", "0.33"];

/** What differs; each is seen in a recording of one of the two. */
export interface ReleaseTraits {
  /** `comfyui_version` of `/system_stats`. */
  readonly version: string;
  /** The file that holds its node classes, beside this one. */
  readonly objectInfo: string;
  /** `/features`, and the `feature_flags` frame. */
  features(maxUploadBytes: number): Readonly<Record<string, unknown>>;
  /** `/api/jobs` and what is under it. */
  readonly hasJobsApi: boolean;
  /** A `prompt_id` must be a UUID in its canonical lowercase form. */
  readonly wantsUuid: boolean;
  /** A class that is not installed is `missing_node_type`, else `invalid_prompt`. */
  readonly namesMissingNodes: boolean;
  /** A cycle is `dependency_cycle` at its nodes, else an exception during validation. */
  readonly findsCycles: boolean;
  /** `extra_data.preview_method` is obeyed. */
  readonly previewsPerPrompt: boolean;
  /** `extra_data` of queue and history has a `create_time`. */
  readonly keepsCreateTime: boolean;
  /** A GET of a path that is not there is answered without a body. */
  readonly emptyNotFound: boolean;
}

/** What a ComfyUI of that release does. */
export function traitsOf(release: Release): ReleaseTraits {
  const isNew = release === "0.33";
  return {
    version: isNew ? "0.33.0" : "0.3.64",
    objectInfo: `./object_info_${release}.json`,
    features: (maxUploadBytes) =>
      isNew
        ? {
          supports_preview_metadata: true,
          supports_model_type_tags: true,
          max_upload_size: maxUploadBytes,
          extension: { manager: { supports_v4: true } },
          node_replacements: true,
          assets: false,
        }
        : { supports_preview_metadata: true, max_upload_size: maxUploadBytes },
    hasJobsApi: isNew,
    wantsUuid: isNew,
    namesMissingNodes: isNew,
    findsCycles: isNew,
    previewsPerPrompt: isNew,
    keepsCreateTime: isNew,
    emptyNotFound: isNew,
  };
}
