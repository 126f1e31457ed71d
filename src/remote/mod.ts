/**
 * Workers on other hosts, over BullMQ on Redis or PostgreSQL: the bot's side, where a worker is a Backend, and the worker's. Owns the
 * engine's queues, the pictures in flight and who is there. Does not know ComfyUI's protocol, the chat, or which job goes where.
 */
export { createRemoteBackend } from "./backend.ts";
export { type BucketFiles, openBucketFiles } from "./bucket_files.ts";
export { runWorkerHost } from "./host.ts";
export { openEngine } from "./open_engine.ts";
export { inspectQueue, type QueueInspection } from "./inspect.ts";
export { createRoster } from "./roster.ts";
