/**
 * The picture folders in a bucket, on any server that speaks S3, in place of DATA_DIR. Owns the objects' names and what is said when
 * the bucket cannot be used. Does not know what the pictures are for.
 */
export { openBucketFileStore } from "./file_store.ts";
