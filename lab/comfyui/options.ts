/**
 * The options of a simulated ComfyUI: its release, its speed, its size. Owns the defaults.
 */
import { type Release, traitsOf } from "./release.ts";
import type { ModelFiles } from "./validation/model_lists.ts";

/** Everything is optional; times are milliseconds of simulated work. */
export interface ComfyOptions {
  /** Which recorded release it answers as. Default `0.33`. */
  readonly release?: Release;
  /** TCP port on 127.0.0.1; 0 (default) takes a free one, and `restart` comes back on it. */
  readonly port?: number;
  /** One model call of a sampler: a step costs one, two with cfg above 1, twice that for `…_2s` samplers. Default 60. */
  readonly stepMs?: number;
  /** The first use of a model file, until `/free` or a restart. Default 0. */
  readonly loadMs?: number;
  /** A run that uses other model files than the one before takes so much longer, with `runMs` too. Default 0. */
  readonly changeMs?: number;
  /** Every other node that is not cached. Default 0. */
  readonly nodeMs?: number;
  /** A run that samples takes this long in all, whatever its steps; the times above do not count then. */
  readonly runMs?: number;
  /**
   * As `--preview-method`: with `latent2rgb` every sampler step sends a small JPEG. Default `none`. In 0.33 a prompt's own
   * `extra_data.preview_method` counts before it.
   */
  readonly previews?: "none" | "latent2rgb";
  /** False: the result is the first picture's own bytes with a marker, decoded by nobody (load tests). Default true. */
  readonly scale?: boolean;
  /** Node classes to add or replace in `/object_info`, in its own shape; `null` takes one away. */
  readonly objectInfo?: Readonly<Record<string, unknown>>;
  /** Which model files there are. Default: those that were recorded. */
  readonly models?: ModelFiles;
  /** Larger request bodies answer 413. Default 104857600, as ComfyUI's. */
  readonly maxUploadBytes?: number;
  /** Bytes that the input folder holds; what does not fit answers 500, as on a full disk. Default 1 GiB. */
  readonly uploadFolderLimit?: number;
  /** `comfyui_version` in `/system_stats`, and nothing else. Default: that of its release. */
  readonly version?: string;
  /** Bodies of `/templates/NAME.json` by NAME, as the templates package has them. Default: none, every one is 404. */
  readonly templates?: Readonly<Record<string, unknown>>;
  /** The folder of the model files, which `/internal/folder_paths` names. Default `/ComfyUI/models`. */
  readonly modelsDir?: string;
  /** As `--disable-metadata`: no graph is written into saved pictures. Default false. */
  readonly disableMetadata?: boolean;
  /** The clock, milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Ids of prompts and sockets that come without one. Default `crypto.randomUUID`. */
  readonly newId?: () => string;
}

/** The same with every default filled in. */
export type ComfySettings = Readonly<
  & Required<Omit<ComfyOptions, "runMs" | "templates" | "models">>
  & Pick<ComfyOptions, "templates" | "models">
  & { runMs: number | undefined }
>;

/** Fills in the defaults. */
export function settingsOf(options: ComfyOptions): ComfySettings {
  const { release = "0.33" } = options;
  return {
    release,
    port: 0,
    stepMs: 60,
    loadMs: 0,
    changeMs: 0,
    nodeMs: 0,
    runMs: undefined,
    previews: "none",
    scale: true,
    objectInfo: {},
    maxUploadBytes: 104_857_600,
    uploadFolderLimit: 1024 ** 3,
    version: traitsOf(release).version,
    modelsDir: "/ComfyUI/models",
    disableMetadata: false,
    now: Date.now,
    newId: () => crypto.randomUUID(),
    ...options,
  };
}
