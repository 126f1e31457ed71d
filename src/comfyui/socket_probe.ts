/** Probes a ComfyUI's WebSocket: whether it opens and sends a frame. For `doctor`; changes nothing. */
import { ComfyUIConnectionError, networkReason } from "../lib/mod.ts";
import { type ComfyAddress, openSocket, unwantedStatus } from "./address.ts";

/**
 * Resolves with the first frame: ComfyUI greets each client (`status`). Rejects with ComfyUIConnectionError where it does not
 * open or is closed before, and with the signal's reason.
 */
export async function probeSocket(
  address: ComfyAddress,
  clientId: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = openSocket(address, clientId);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  socket.onmessage = () => resolve();
  socket.onerror = (event) => reject(refusal(event instanceof ErrorEvent ? event.error : event));
  socket.onclose = () => reject(refusal(new Error("connection closed")));
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    socket.onerror = null;
    socket.close();
  }
}

function refusal(error: unknown): ComfyUIConnectionError {
  const reason = networkReason(error);
  const [, status] = /^status (\d+)$/.exec(reason) ?? [];
  const shown = status === undefined
    ? reason
    : unwantedStatus(Number(status)).replace("200", "101");
  return new ComfyUIConnectionError(`Cannot open ComfyUI's WebSocket (/ws): ${shown}`, {
    cause: error,
  });
}
