/** Opens the backends that the configuration names. */
import type { Backend } from "../worker/backend.ts";
import type { BackendConfig, Config } from "../config/config.ts";
import { createComfyBackend } from "./backend.ts";
import { probeSocket } from "./socket_probe.ts";

/** The backends of the configuration, in its order; nothing is connected yet. */
export function openBackends({ comfyui }: Config, clientId: string): Backend[] {
  return comfyui.backends.map(({ name, url, headers }) =>
    // Only spans are measured: a clock that nobody sets, or a jump of the machine's would stop the asking.
    createComfyBackend({ now: () => performance.now() }, {
      name,
      baseUrl: url,
      headers,
      clientId,
      pollMs: comfyui.pollMs,
      retryDelaysMs: comfyui.retryMs,
    })
  );
}

/** Looks whether a backend's WebSocket opens and says something: see socket_probe.ts. */
export function probeBackendSocket(
  { url, headers }: BackendConfig,
  signal: AbortSignal,
): Promise<void> {
  return probeSocket({ baseUrl: url, headers }, "image-edit-bot-doctor-socket", signal);
}
