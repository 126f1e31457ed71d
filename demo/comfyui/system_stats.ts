/**
 * `/system_stats`, in the shape recorded from 0.3.64, for a card that does not exist.
 */
import type { ComfySettings } from "./options.ts";

const GIB = 1024 ** 3;
/** What one model file takes of the card. */
const MODEL_BYTES = 9 * GIB;

/** The answer's body; models in memory take VRAM. */
export function systemStats(
  settings: Pick<ComfySettings, "version" | "previews" | "port">,
  loadedModels: number,
): unknown {
  const vramFree = Math.max(GIB, 23 * GIB - loadedModels * MODEL_BYTES);
  return {
    system: {
      os: "posix",
      ram_total: 64 * GIB,
      ram_free: 48 * GIB,
      comfyui_version: settings.version,
      required_frontend_version: "1.27.10",
      installed_templates_version: "0.1.95",
      required_templates_version: "0.1.95",
      python_version: "3.11.7 (main, simulated)",
      pytorch_version: "2.8.0+simulated",
      embedded_python: false,
      argv: ["main.py", "--preview-method", settings.previews],
    },
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
