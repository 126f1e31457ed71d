/**
 * A job and its life: the record, its states, the durable queue, and what is learned from jobs that have ended.
 * Owns the order of jobs and every transition of state. Does not know who asks for a job, what renders it or where it is stored:
 * the stores are ports that kv/ implements.
 */
export {
  albumOf,
  asOneJob,
  batchJobId,
  digestId,
  livingOf,
  maxBatch,
  oneOfEach,
  progressOf,
} from "./batch.ts";
export {
  Estimates,
  type EstimateStore,
  type Estimator,
  expectWaitMs,
  type Measured,
  openEstimator,
} from "./estimator.ts";
export { CancelledError, failReasonOf, UndeliverableError, watchFailures } from "./failure.ts";
export { FinishedJob, finishedJob, type HistoryOutbox } from "./finished_job.ts";
export type { Inbox, StoredUpdate } from "./inbox.ts";
export {
  type AlbumItems,
  BackendFile,
  type Batch,
  type ChatUser,
  type Delivered,
  Delivery,
  FailReason,
  type FileIds,
  fileIdsOf,
  Format,
  formats,
  isEnd,
  isKept,
  Job,
  type JobEvent,
  type JobOrigin,
  type JobRequest,
  type JobState,
  type KeptReason,
  movedJob,
  Picture,
  resultAt,
  resultChatOf,
  resultFilesOf,
  type SendMark,
  type Task,
} from "./job.ts";
export type { JobStore } from "./job_store.ts";
export { type ClosedReason, type JobPatch, JobQueue } from "./queue.ts";
export { type MessageLook, OtherMessage, type OtherMessageStore } from "./other_message.ts";
export type { QueueOrder } from "./queue_order.ts";
export type { LimitSpan, UserLimits } from "./rate_limits.ts";
export {
  openServiceMode,
  type ServiceMode,
  type ServiceModeControl,
  ServiceModeRecord,
  type ServiceModeStore,
} from "./service_mode.ts";
export {
  deliveryMsOf,
  listenToChanges,
  outcomeOf,
  runMsOf,
  spansOf,
  waitMsOf,
} from "./transitions.ts";
