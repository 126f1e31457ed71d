/**
 * ComfyUI's HTTP and WebSocket API as a Backend.
 * Owns URLs, answers, frames and what they mean for one prompt. Does not know jobs, users or Telegram.
 */
export { openBackends } from "./backend.ts";
