/**
 * PNG to pixels and back (PNG 3rd edition, chapters 7 to 10). A picture is read row by row, so that its memory is that of its
 * file whatever size it has; a part that is missing or does not inflate stays away, as decoders show it. Knows no chunk that
 * is not about pixels.
 */
import { crc32 } from "node:zlib";
import { type PngChunk, pngChunks } from "../mod.ts";
import { type Bitmap, isTransparent, type RowPlace, type Size } from "../pixels/mod.ts";

/** Is given each row, `count` pixels as four bytes each; the bytes are overwritten by the next row. */
type TakeRow = (rgba: Uint8Array, count: number, place: RowPlace) => void;

/** One of Adam7's passes, or the one pass of a picture without: where it begins and how far its pixels are apart. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

/** Where a row of the stream lies. */
interface PassRow extends RowPlace {
  readonly count: number;
  /** It has zeros above it. */
  readonly isFirst: boolean;
}

const wholePass: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }];
const adam7: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** Colour type → channels (table 11.1). */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** What a row's bytes mean. */
interface Meaning {
  readonly colourType: number;
  readonly bitDepth: number;
  readonly palette: Uint8Array;
  readonly transparency: Uint8Array;
}

/** Reads the rows of a PNG whose header has been inspected, as many of them as there are. */
export async function readPngRows(bytes: Uint8Array, takeRow: TakeRow): Promise<void> {
  const chunks = [...pngChunks(bytes)];
  const dataOf = (name: string) => {
    const chunk = chunks.find((each) => each.name === name);
    return chunk === undefined ? new Uint8Array() : chunkData(bytes, chunk);
  };
  const header = dataOf("IHDR");
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const size = { width: view.getUint32(0), height: view.getUint32(4) };
  const meaning = {
    bitDepth: view.getUint8(8),
    colourType: view.getUint8(9),
    palette: dataOf("PLTE"),
    transparency: dataOf("tRNS"),
  };
  const data = chunks.filter(({ name }) => name === "IDAT").map((chunk) => chunkData(bytes, chunk));
  const passes = view.getUint8(12) === 1 ? adam7 : wholePass;
  const rows = new RowReader(size, passes, meaning, takeRow);
  try {
    for await (const part of inflate(data)) {
      if (!rows.take(part)) return;
    }
  } catch (error) {
    // What does not inflate: the rows before it stand.
    if (!(error instanceof TypeError)) throw error;
  }
}

function chunkData(bytes: Uint8Array, { dataStart, dataEnd }: PngChunk): Uint8Array {
  return bytes.subarray(dataStart, dataEnd);
}

/** Deflate makes at most 1032 bytes of one; so much is inflated at a time, and there at once. */
const sliceBytes = 4096;

function inflate(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return streamOf(slicesOf(parts)).pipeThrough(new DecompressionStream("deflate"));
}

function* slicesOf(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += sliceBytes) yield part.subarray(at, at + sliceBytes);
  }
}

function streamOf(parts: Iterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(parts) as ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Cuts inflated bytes into rows, takes their filters off, and gives them on as colours. */
class RowReader {
  readonly #places: Iterator<PassRow>;
  readonly #bitsPerPixel: number;
  readonly #meaning: Meaning;
  readonly #takeRow: TakeRow;
  readonly #rgba: Uint8Array;
  #place: (PassRow) | undefined;
  /** The row's filter and bytes, and those of the row above. */
  #row = new Uint8Array();
  #above = new Uint8Array();
  #filled = 0;

  constructor(size: Size, passes: readonly Pass[], meaning: Meaning, takeRow: TakeRow) {
    this.#meaning = meaning;
    this.#takeRow = takeRow;
    this.#bitsPerPixel = channelsOf[meaning.colourType]! * meaning.bitDepth;
    this.#rgba = new Uint8Array(size.width * 4);
    this.#places = placesOf(size, passes);
    this.#next();
  }

  /** False when the picture is full. */
  take(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length && this.#place !== undefined;) {
      const part = bytes.subarray(at, at + this.#row.length - this.#filled);
      this.#row.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#row.length) this.#finishRow(this.#place);
    }
    return this.#place !== undefined;
  }

  #finishRow(place: PassRow): void {
    unfilter(this.#row, this.#above, Math.max(1, this.#bitsPerPixel >> 3));
    toRgba(this.#row.subarray(1), place.count, this.#meaning, this.#rgba);
    this.#takeRow(this.#rgba, place.count, place);
    this.#next();
  }

  #next(): void {
    this.#place = this.#places.next().value;
    this.#filled = 0;
    if (this.#place === undefined) return;
    [this.#row, this.#above] = [this.#above, this.#row];
    if (!this.#place.isFirst) return;
    const rowBytes = 1 + Math.ceil(this.#place.count * this.#bitsPerPixel / 8);
    this.#row = new Uint8Array(rowBytes);
    this.#above = new Uint8Array(rowBytes);
  }
}

/** Where each row of the stream lies; a pass without pixels has no rows. */
function* placesOf(
  { width, height }: Size,
  passes: readonly Pass[],
): Generator<PassRow, undefined> {
  for (const { x, y: top, dx, dy } of passes) {
    const count = Math.ceil((width - x) / dx);
    if (count <= 0) continue;
    for (let y = top; y < height; y += dy) {
      yield { x, y, step: dx, count, isFirst: y === top };
    }
  }
  return undefined;
}

/** Takes a row's filter off in place; `row[0]` is its kind, `reach` the bytes of a pixel. An unknown kind counts as none. */
function unfilter(row: Uint8Array, above: Uint8Array, reach: number): void {
  const kind = row[0];
  for (let at = 1; at < row.length; at++) {
    const left = at > reach ? row[at - reach]! : 0;
    const up = above[at]!;
    switch (kind) {
      case 1:
        row[at]! += left;
        break;
      case 2:
        row[at]! += up;
        break;
      case 3:
        row[at]! += (left + up) >> 1;
        break;
      case 4:
        row[at]! += paeth(left, up, at > reach ? above[at - reach]! : 0);
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(guess - value)) as [
    number,
    number,
    number,
  ];
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

/** The colours of a row without its filter, into `rgba`. Of 16 bits the upper 8 are kept. */
function toRgba(row: Uint8Array, count: number, meaning: Meaning, rgba: Uint8Array): void {
  const { bitDepth, colourType, palette, transparency } = meaning;
  const channels = channelsOf[colourType]!;
  const wide = bitDepth === 16 ? 2 : 1;
  const key = transparency.length >= 2 * channels ? transparency : undefined;
  const scale = colourType === 3 || bitDepth >= 8 ? 1 : 255 / (2 ** bitDepth - 1);
  for (let i = 0; i < count; i++) {
    const at = i * channels * wide;
    const first = bitDepth >= 8
      ? row[at]!
      : (row[(i * bitDepth) >> 3]! >> (8 - bitDepth - (i * bitDepth) % 8)) & (2 ** bitDepth - 1);
    const to = i * 4;
    if (colourType === 3) {
      rgba[to] = palette[first * 3] ?? 0;
      rgba[to + 1] = palette[first * 3 + 1] ?? 0;
      rgba[to + 2] = palette[first * 3 + 2] ?? 0;
      rgba[to + 3] = transparency[first] ?? 255;
      continue;
    }
    const isGrey = channels < 3;
    rgba[to] = first * scale;
    rgba[to + 1] = isGrey ? first * scale : row[at + wide]!;
    rgba[to + 2] = isGrey ? first * scale : row[at + 2 * wide]!;
    rgba[to + 3] = channels % 2 === 0
      ? row[at + (channels - 1) * wide]!
      : key !== undefined && isKey(row, at, first, meaning, key)
      ? 0
      : 255;
  }
}

/** True for a pixel of the one colour that a `tRNS` chunk makes transparent. */
function isKey(
  row: Uint8Array,
  at: number,
  first: number,
  { bitDepth, colourType }: Meaning,
  key: Uint8Array,
): boolean {
  if (bitDepth < 8) return key[1] === first;
  for (let channel = 0; channel < channelsOf[colourType]!; channel++) {
    const low = key[channel * 2 + 1];
    if (bitDepth === 8 && row[at + channel] !== low) return false;
    if (bitDepth < 16) continue;
    if (row[at + channel * 2] !== key[channel * 2] || row[at + channel * 2 + 1] !== low) {
      return false;
    }
  }
  return true;
}

/**
 * The picture as a PNG of 8 bits: red, green and blue, and alpha where it can be seen through. Photographs are a third smaller where
 * each row is the difference to the one above (`up`); drawings are smaller without.
 */
export async function encodePng(
  picture: Bitmap,
  filter: "none" | "up" = "none",
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, pixels } = picture;
  const colourType = isTransparent(picture) ? 6 : 2;
  const channels = channelsOf[colourType]!;
  const rowBytes = 1 + width * channels;
  const rows = new Uint8Array(rowBytes * height);
  const above = width * 4;
  for (let from = 0, to = 0; from < pixels.length; from += 4) {
    if (from % above === 0) rows[to++] = filter === "up" ? 2 : 0;
    const isUp = filter === "up" && from >= above;
    for (let i = 0; i < channels; i++) {
      rows[to++] = isUp ? pixels[from + i]! - pixels[from + i - above]! : pixels[from + i]!;
    }
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, colourType], 8);
  const deflated = streamOf([rows]).pipeThrough(new CompressionStream("deflate"));
  const data = new Uint8Array(await new Response(deflated).arrayBuffer());
  return new Uint8Array(
    await new Blob([
      new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunkOf("IHDR", header),
      chunkOf("IDAT", data),
      chunkOf("IEND", new Uint8Array()),
    ]).arrayBuffer(),
  );
}

function chunkOf(name: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(12 + data.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(new TextEncoder().encode(name), 4);
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));
  return chunk;
}
