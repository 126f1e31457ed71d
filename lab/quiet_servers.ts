/** Starts both servers, asks each of them once and ends. The test of the runtime's warnings reads what it prints: nothing. */
import { startComfyUI } from "./comfyui/mod.ts";
import { startTelegram } from "./telegram/mod.ts";
import { rawCall } from "./telegram/raw_call.ts";

await using telegram = await startTelegram();
await using comfyui = await startComfyUI();
await rawCall(telegram, "getMe");
telegram.faults.add({ kind: "cut-before", method: "getMe" });
await rawCall(telegram, "getMe").catch(() => {});
comfyui.faults.add({ kind: "http", path: /^\/queue/, answer: "hang" });
await fetch(`${comfyui.url}/queue`, { signal: AbortSignal.timeout(200) }).catch(() => {});
