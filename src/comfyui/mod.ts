/**
 * ComfyUI's HTTP and WebSocket API as a Backend.
 * Owns URLs, answers, frames and what they mean for one prompt. Does not know jobs, users or Telegram.
 */
export { askModelFolders, openBackends } from "./backend.ts";
