/** A PNG with texts in it, as ComfyUI leaves them. Holds no test. */
import { deflateSync } from "node:zlib";
import { pngChunk, pngHeader, pngOf } from "../../../lab/pictures.ts";

const side = 64;

/** A black square; each text is a chunk: its type and its data. */
export function png(
  ...texts: readonly (readonly [type: string, data: Uint8Array | string])[]
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  return pngOf(
    pngHeader(side, side),
    ...texts.map(([type, data]) =>
      pngChunk(type, typeof data === "string" ? encoder.encode(data) : data)
    ),
    pngChunk("IDAT", deflateSync(new Uint8Array((1 + side * 3) * side))),
    pngChunk("IEND"),
  );
}
