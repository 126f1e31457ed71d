/**
 * `/system_stats`, in the shape recorded from its release, for a card that does not exist.
 */
import type { ComfySettings } from "../options.ts";

const GIB = 1024 ** 3;
/** What one model file takes of the card. */
const MODEL_BYTES = 9 * GIB;

/** The answer's body; models in memory take VRAM. */
export function systemStats(
  settings: Pick<ComfySettings, "release" | "version" | "previews" | "templates">,
  loadedModels: number,
): unknown {
  const vramFree = Math.max(GIB, 23 * GIB - loadedModels * MODEL_BYTES);
  return {
    system: settings.release === "0.33" ? newSystem(settings) : oldSystem(settings),
    devices: [{
      name: "cuda:0 Simulated GPU : cudaMallocAsync",
      type: "cuda",
      index: 0,
      vram_total: 24 * GIB,
      vram_free: vramFree,
      torch_vram_total: loadedModels * MODEL_BYTES,
      torch_vram_free: 0,
    }],
  };
}

function oldSystem({ version, previews }: Pick<ComfySettings, "version" | "previews">) {
  return {
    os: "posix",
    ram_total: 64 * GIB,
    ram_free: 48 * GIB,
    comfyui_version: version,
    required_frontend_version: "1.27.10",
    installed_templates_version: "0.1.95",
    required_templates_version: "0.1.95",
    python_version: "3.11.7 (main, simulated)",
    pytorch_version: "2.8.0+simulated",
    embedded_python: false,
    argv: ["main.py", "--preview-method", previews],
  };
}

function newSystem(
  { version, previews, templates }: Pick<ComfySettings, "version" | "previews" | "templates">,
) {
  const frontend = "1.49.6";
  const required = "0.11.44";
  const installed = templates === undefined ? null : required;
  return {
    os: "linux",
    ram_total: 64 * GIB,
    ram_free: 48 * GIB,
    comfyui_version: version,
    required_frontend_version: frontend,
    installed_templates_version: installed,
    required_templates_version: required,
    comfy_package_versions: [
      { name: "comfyui-frontend-package", installed: frontend, required: frontend },
      { name: "comfyui-workflow-templates", installed, required },
      { name: "comfyui-embedded-docs", installed: "0.5.10", required: "0.5.10" },
    ],
    python_version: "3.11.7 (main, simulated)",
    pytorch_version: "2.15.0+simulated",
    embedded_python: false,
    deploy_environment: "local-git",
    argv: ["main.py", "--preview-method", previews],
  };
}
