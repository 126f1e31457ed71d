/**
 * A bucket on any server that speaks S3, and the picture folders in it, in place of DATA_DIR. Owns the objects' names and what is said
 * when the bucket cannot be used. Does not know what the pictures are for.
 */
export { type Bucket, openBucket } from "./bucket.ts";
export { createBucketFileStore } from "./file_store.ts";
