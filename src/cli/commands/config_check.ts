/** `config check`: the effective settings as text. Never prints the token, nor the value of a header. */
import { type Config } from "../../config/mod.ts";

/** One line for each setting. */
export function describeConfig(config: Config): string[] {
  const { telegram, comfyui, paths, workflow, image, queue, storage, logging } = config;
  const limits = Object.entries(workflow.limits).map(([name, { min, max }]) =>
    `${name} ${min ?? ""}…${max ?? ""}`
  );
  const rows: readonly (readonly [string, string])[] = [
    ["bot token", telegram.token.isEmpty ? "not set" : "set"],
    ["Telegram", telegram.apiRoot],
    ["admins", telegram.adminIds.join(", ") || "none"],
    ...comfyui.backends.map(({ name, url, headers }) =>
      [
        "ComfyUI",
        [`${url} (${name})`, ...Object.keys(headers).map((key) => `${key}: set`)].join(", "),
      ] as const
    ),
    ["jobs in ComfyUI", `${comfyui.depth} at a time`],
    ["DATA_DIR", paths.dataDir],
    ["LOGS_DIR", paths.logsDir],
    ["template", workflow.template ?? "the best that ComfyUI can run"],
    ["defaults", pairs(workflow.defaults) || "as the templates have them"],
    ["limits", limits.join(", ") || "as the templates have them"],
    [
      "pictures",
      `${image.formats.join(", ")}, up to ${
        inMb(image.maxBytes)
      }, scaled to ${image.megapixels} megapixels`,
    ],
    [
      "queue",
      `${queue.maxWaiting} jobs, failed after ${queue.timeoutMs / 1000} s without progress`,
    ],
    [
      "results",
      `${storage.keepResults ? "kept" : "not kept"}, cleaned up after ${
        storage.cleanupAfterMs / 3_600_000
      } h`,
    ],
    [
      "log",
      `${logging.level}, ${logging.format}, ${inMb(logging.rotationBytes)} a file, kept for ${
        logging.retentionMs / 86_400_000
      } days`,
    ],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(17)}${value}`);
}

function pairs(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values).map(([name, value]) => `${name} ${value}`).join(", ");
}

function inMb(bytes: number): string {
  return `${Number((bytes / 1024 ** 2).toFixed(1))} MB`;
}
