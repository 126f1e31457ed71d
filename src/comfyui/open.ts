/** Opens the backends that the configuration names. */
import type { Backend } from "../backend.ts";
import type { Config } from "../config.ts";
import { createComfyBackend } from "./backend.ts";

/** The backends of the configuration, in its order; nothing is connected yet. */
export function openBackends({ comfyui }: Config, clientId: string): Backend[] {
  return comfyui.backends.map(({ name, host, port }) =>
    // Only spans are measured: a clock that nobody sets, or a jump of the machine's would stop the asking.
    createComfyBackend({ now: () => performance.now() }, {
      name,
      baseUrl: `http://${host}:${port}`,
      clientId,
      pollMs: comfyui.pollMs,
      retryDelaysMs: comfyui.retryMs,
    })
  );
}
