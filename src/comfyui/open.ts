/** Opens the backends that the configuration names. */
import type { Backend } from "../backend.ts";
import type { Config } from "../config.ts";
import { createComfyBackend } from "./backend.ts";

/** The backends of the configuration, in its order; nothing is connected yet. */
export function openBackends({ comfyui }: Config, clientId: string): Backend[] {
  return comfyui.backends.map(({ name, host, port }) =>
    createComfyBackend({ now: Date.now }, {
      name,
      baseUrl: `http://${host}:${port}`,
      clientId,
      pollMs: comfyui.pollMs,
      retryDelaysMs: comfyui.retryMs,
    })
  );
}
