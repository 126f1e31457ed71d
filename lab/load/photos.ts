/** Pictures of the size of real ones, the same at every run. */
import { Image } from "imagescript";
import { deflateSync } from "node:zlib";
import { type Bytes, bytesOf, pngChunk, pngHeader, pngOf } from "../pictures.ts";
import { seededRandom } from "./statistics.ts";

/** A photo as a phone sends it, of about 200 kB. */
export async function phonePhoto(): Promise<Bytes> {
  const random = seededRandom(1);
  const image = new Image(1024, 768);
  image.fill((x, y) => Image.rgbaToColor(x >> 2, y >> 2, 96 + Math.floor(random() * 64), 255));
  return bytesOf(await image.encodeJPEG(80));
}

/** A lossless picture of about 1.5 MB, as large as ComfyUI's own results of one megapixel. */
export function losslessPicture(): Bytes {
  const random = seededRandom(2);
  const side = 700;
  const rows = Uint8Array.from(
    { length: (1 + side * 3) * side },
    (_, at) => at % (1 + side * 3) === 0 ? 0 : Math.floor(random() * 256),
  );
  return pngOf(
    pngHeader(side, side),
    pngChunk("IDAT", deflateSync(rows, { level: 1 })),
    pngChunk("IEND"),
  );
}
