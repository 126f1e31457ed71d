/**
 * The forms in which a result can be sent, and the chats: as a photo or as a file, smaller where it is a picture that Telegram
 * accepts as neither. Owns the order in which they are tried. Sends nothing.
 */
import { documentProblem, longestPhotoSide, photoProblem, stillOf } from "../../images/mod.ts";
import { type Job } from "../../jobs/mod.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export type Form = "photo" | "file";

/** Where a result may go. */
export interface Place {
  readonly chatId: number;
  readonly threadId?: number | undefined;
  /** The message that it replies to. */
  readonly replyTo?: number | undefined;
}

/** The forms to try, the wanted one first; one that Telegram would refuse goes last. What moves or is no picture is a file. */
export function formsFor(job: Job, bytes: Uint8Array): readonly Form[] {
  const still = stillOf(bytes);
  if (!still) return ["file"];
  // A photo is a JPEG for everybody who sees it, and what is to be large would be made small again.
  const losesAsPhoto = still.hasAlpha || still.bitDepth > 8 ||
    (job.task === "bigger" || job.sameSize) &&
      Math.max(still.width, still.height) > longestPhotoSide;
  // What was cut out is nothing as a photo.
  const wanted = job.task === "cutout" && still.hasAlpha
    ? "file"
    : job.delivery === "auto"
    ? losesAsPhoto || job.pictures.some((picture) => picture.asFile) ? "file" : "photo"
    : job.delivery;
  const refused = wanted === "photo"
    ? !!photoProblem(still)
    : !!documentProblem({ bytes: bytes.length });
  const other: Form = wanted === "photo" ? "file" : "photo";
  return refused ? [other, wanted] : [wanted, other];
}

/** True for a picture that Telegram takes neither as a photo nor as a file. */
export function isTooLarge(bytes: Bytes): boolean {
  if (!documentProblem({ bytes: bytes.length })) return false;
  const still = stillOf(bytes);
  return still !== undefined && photoProblem(still) !== undefined;
}
