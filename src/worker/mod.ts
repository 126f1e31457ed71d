/**
 * From a waiting job to a delivered result: one worker a backend, with the ports that it works through.
 * Owns claiming, watching, timeouts, recovery and the order of delivery. Does not know ComfyUI's protocol (Backend) or Telegram
 * (Messenger).
 */
export { isWaiting, PromptCopies } from "./backend.ts";
export type {
  Backend,
  BackendEvent,
  BackendHealth,
  BackendRequest,
  CopyStore,
  PictureBytes,
  PictureUpload,
} from "./backend.ts";
export { adoptOrphans, createAssignment } from "./assignment.ts";
export {
  type BackendAnswer,
  type BackendErrorKind,
  backendErrorKinds,
  type BackendMonitor,
  createBackendMonitor,
  type Freed,
  watchBackend,
} from "./backend_health.ts";
export {
  type CatalogPoller,
  createCatalogPoller,
  RunnableTemplates,
  type RunnableTemplatesStore,
} from "./catalog_poller.ts";
export { type BackendUnit, createIdlePolicy } from "./idle_policy.ts";
export type { Delivery, Messenger, NoteSending, ReadResult } from "./messenger.ts";
export { createProgress, type Progress } from "./progress.ts";
export { createQueuePositions, type QueuePosition, type QueuePositions } from "./queue_position.ts";
export { createWorker, type Worker } from "./worker.ts";
