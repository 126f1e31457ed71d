/** Why a picture cannot be given another format. Says it; what is done then its caller decides. */
import { isReadable } from "../../images/drawing/mod.ts";
import { hasShape } from "../../images/pixels/mod.ts";
import { type Format, type Picture } from "../../jobs/mod.ts";
import { shapeOf } from "../../templates/tasks/mod.ts";
import { type BotContext } from "../api/mod.ts";

/** One sentence; undefined where it can. */
export function formatProblem(
  { text }: BotContext,
  picture: Picture,
  format: Format,
): string | undefined {
  if (hasShape(picture, shapeOf(format))) return text.hasFormat;
  return isReadable(picture) ? undefined : text.tooLargeForFormat;
}
