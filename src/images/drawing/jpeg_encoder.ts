/**
 * Rows to JPEG (ITU-T T.81): baseline, with the tables of Annex K, colours at half the resolution. Other encoders hold a whole picture,
 * mozjpeg four times over; this holds sixteen rows and what it has written. Knows no other form of JPEG, and reads none.
 */
import { type Rows } from "../pixels/mod.ts";

/** Steps of quality 50, in zigzag order (K.1, K.2); hexadecimal, as all tables here. */
const STEPS = {
  light:
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933383740485c4e404457453738506d5157" +
    "5f626768673e4d71797064785c656763",
  colour:
    "1112121815182f1a1a2f6342384263636363636363636363636363636363636363636363636363636363636363636363" +
    "63636363636363636363636363636363",
};

/** How many codes have 1 to 16 bits, and then what they stand for (K.3 to K.6). */
const CODES = {
  lightDc: "00010501010101010100000000000000000102030405060708090a0b",
  colourDc: "00030101010101010101010000000000000102030405060708090a0b",
  lightAc:
    "0002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f0" +
    "2433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a63646566676869" +
    "6a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5" +
    "c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
  colourAc:
    "00020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f0" +
    "156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768" +
    "696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3" +
    "c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa",
};

/** A unit of four blocks of light and one of each colour has so many rows and columns. */
const unit = 16;

/** Places of a block's coefficients, in the order in which they are written (figure A.6). */
const ZIGZAG = Uint8Array.from({ length: 64 }, (_, place) => place).sort((a, b) => {
  const [lineA, lineB] = [diagonal(a), diagonal(b)];
  if (lineA !== lineB) return lineA - lineB;
  return lineA % 2 === 0 ? b - a : a - b;
});

function diagonal(place: number): number {
  return (place >> 3) + (place & 7);
}

/** Scale factors of the fast DCT's results (Arai, Agui, Nakajima 1988): divided out with the steps. */
const SCALES = Float64Array.from(
  { length: 8 },
  (_, k) => k === 0 ? 1 : Math.cos(k * Math.PI / 16) * Math.SQRT2,
);

/** One of light, blue and red: how its blocks are written. */
interface Component {
  /** What a coefficient is multiplied by, in rows. */
  readonly factors: Float32Array;
  readonly dc: Codes;
  readonly ac: Codes;
  /** The last block's first coefficient: the next one is told as the difference. */
  before: number;
}

/** Huffman codes, by what they stand for. */
interface Codes {
  readonly codes: Uint16Array;
  readonly lengths: Uint8Array;
}

/** The picture as a JPEG of `quality` 1–100 as libjpeg counts it; sides of at most 65 535 pixels. How opaque it is is lost. */
export function encodeJpeg(
  { width, height, rows }: Rows,
  quality: number,
): Uint8Array<ArrayBuffer> {
  const steps = { light: stepsOf(STEPS.light, quality), colour: stepsOf(STEPS.colour, quality) };
  const out = new BitWriter();
  writeHead(out, width, height, steps);
  const light = component(steps.light, CODES.lightDc, CODES.lightAc);
  const blue = component(steps.colour, CODES.colourDc, CODES.colourAc);
  const red = component(steps.colour, CODES.colourDc, CODES.colourAc);
  const wide = Math.ceil(width / unit) * unit;
  const planes = [0, 1, 2].map(() => new Float32Array(wide * unit));
  const [y, cb, cr] = planes as [Float32Array, Float32Array, Float32Array];
  const block = new Float32Array(64);

  function writeUnits(): void {
    for (let x = 0; x < wide; x += unit) {
      for (const at of [x, x + 8, 8 * wide + x, 8 * wide + x + 8]) {
        for (let i = 0; i < 64; i++) block[i] = y[at + (i >> 3) * wide + (i & 7)]!;
        writeBlock(out, light, block);
      }
      for (const [plane, colour] of [[cb, blue], [cr, red]] as const) {
        for (let i = 0; i < 64; i++) {
          const at = x + (i >> 3) * 2 * wide + (i & 7) * 2;
          block[i] = (plane[at]! + plane[at + 1]! + plane[at + wide]! + plane[at + wide + 1]!) / 4;
        }
        writeBlock(out, colour, block);
      }
    }
  }

  let filled = 0;
  for (const row of rows) {
    const start = filled++ * wide;
    for (let x = 0, at = start; x < width; x++, at++) {
      const [r, g, b] = [row[x * 4]!, row[x * 4 + 1]!, row[x * 4 + 2]!];
      // JFIF 1.02, "Conversion to and from RGB"; all three around zero.
      y[at] = 0.299 * r + 0.587 * g + 0.114 * b - 128;
      cb[at] = -0.168736 * r - 0.331264 * g + 0.5 * b;
      cr[at] = 0.5 * r - 0.418688 * g - 0.081312 * b;
    }
    // What lies beyond the edge is as the edge.
    for (const plane of planes) plane.fill(plane[start + width - 1]!, start + width, start + wide);
    if (filled < unit) continue;
    writeUnits();
    filled = 0;
  }
  if (filled > 0) {
    for (; filled < unit; filled++) {
      for (const plane of planes) {
        plane.copyWithin(filled * wide, (filled - 1) * wide, filled * wide);
      }
    }
    writeUnits();
  }
  return out.end();
}

/** libjpeg's `jpeg_set_quality`, for baseline. */
function stepsOf(table: string, quality: number): Uint8Array {
  const percent = quality < 50 ? 5000 / quality : 200 - quality * 2;
  return bytesOf(table).map((step) =>
    Math.max(1, Math.min(255, Math.floor((step * percent + 50) / 100)))
  );
}

function component(steps: Uint8Array, dc: string, ac: string): Component {
  const factors = new Float32Array(64);
  for (const [i, place] of ZIGZAG.entries()) {
    factors[place] = 1 / (steps[i]! * SCALES[place >> 3]! * SCALES[place & 7]! * 8);
  }
  return { factors, dc: codesOf(dc), ac: codesOf(ac), before: 0 };
}

/** The codes that a table describes (Annex C). */
function codesOf(table: string): Codes {
  const bytes = bytesOf(table);
  const codes = new Uint16Array(256);
  const lengths = new Uint8Array(256);
  let code = 0;
  let at = 16;
  for (let length = 1; length <= 16; length++, code <<= 1) {
    for (let left = bytes[length - 1]!; left > 0; left--, at++, code++) {
      codes[bytes[at]!] = code;
      lengths[bytes[at]!] = length;
    }
  }
  return { codes, lengths };
}

/** Transforms the 64 samples, which are gone then, and writes them (F.1.2). */
function writeBlock(out: BitWriter, component: Component, block: Float32Array): void {
  const { factors, dc, ac } = component;
  for (let at = 0; at < 64; at += 8) transform(block, at, 1);
  for (let at = 0; at < 8; at++) transform(block, at, 8);
  const first = Math.round(block[0]! * factors[0]!);
  writeValue(out, dc, 0, first - component.before);
  component.before = first;
  let zeros = 0;
  for (let i = 1; i < 64; i++) {
    const place = ZIGZAG[i]!;
    const value = Math.round(block[place]! * factors[place]!);
    if (value === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) out.write(ac.codes[0xf0]!, ac.lengths[0xf0]!);
    writeValue(out, ac, zeros, value);
    zeros = 0;
  }
  if (zeros > 0) out.write(ac.codes[0]!, ac.lengths[0]!);
}

/** Writes how many zeros come before the value and how many bits it has, and the bits. */
function writeValue(out: BitWriter, { codes, lengths }: Codes, zeros: number, value: number): void {
  const bits = 32 - Math.clz32(Math.abs(value));
  const symbol = zeros << 4 | bits;
  out.write(codes[symbol]!, lengths[symbol]!);
  if (bits > 0) out.write((value < 0 ? value - 1 : value) & (1 << bits) - 1, bits);
}

/** The fast DCT of eight samples, `step` apart; its results are too large by SCALES. */
function transform(block: Float32Array, at: number, step: number): void {
  const place = (i: number) => at + i * step;
  const sum = (i: number) => block[place(i)]! + block[place(7 - i)]!;
  const difference = (i: number) => block[place(i)]! - block[place(7 - i)]!;
  const [s0, s1, s2, s3] = [sum(0), sum(1), sum(2), sum(3)];
  const [d0, d1, d2, d3] = [difference(0), difference(1), difference(2), difference(3)];
  const [even, odd] = [s0 + s3, s1 + s2];
  block[place(0)] = even + odd;
  block[place(4)] = even - odd;
  const turned = (s1 - s2 + s0 - s3) * Math.SQRT1_2;
  block[place(2)] = s0 - s3 + turned;
  block[place(6)] = s0 - s3 - turned;
  const [a, b, c] = [d3 + d2, d2 + d1, d1 + d0];
  const common = (a - c) * 0.382683433;
  const low = 0.5411961 * a + common;
  const high = 1.306562965 * c + common;
  const middle = b * Math.SQRT1_2;
  const [plus, minus] = [d0 + middle, d0 - middle];
  block[place(5)] = minus + low;
  block[place(3)] = minus - low;
  block[place(1)] = plus + high;
  block[place(7)] = plus - high;
}

/** The segments before the data (B.2), and the header of JFIF. */
function writeHead(
  out: BitWriter,
  width: number,
  height: number,
  steps: { readonly light: Uint8Array; readonly colour: Uint8Array },
): void {
  const word = (value: number) => [value >> 8, value & 255];
  const segment = (marker: number, ...data: readonly number[]) =>
    out.put(0xff, marker, ...word(data.length + 2), ...data);
  out.put(0xff, 0xd8);
  segment(0xe0, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0);
  segment(0xdb, 0, ...steps.light, 1, ...steps.colour);
  segment(0xc0, 8, ...word(height), ...word(width), 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1);
  segment(0xc4, 0x00, ...bytesOf(CODES.lightDc));
  segment(0xc4, 0x10, ...bytesOf(CODES.lightAc));
  segment(0xc4, 0x01, ...bytesOf(CODES.colourDc));
  segment(0xc4, 0x11, ...bytesOf(CODES.colourAc));
  segment(0xda, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

/** The file as it grows. */
class BitWriter {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  /** Bits that are no whole byte yet, and how many. */
  #bits = 0;
  #count = 0;

  /** Whole bytes, while no bits wait. */
  put(...bytes: readonly number[]): void {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The lowest `count` bits of `value`, at most 16. A byte of ones is no marker: a zero follows (B.1.1.5). */
  write(value: number, count: number): void {
    this.#bits = this.#bits << count | value;
    this.#count += count;
    this.#makeRoom(8);
    while (this.#count >= 8) {
      this.#count -= 8;
      const byte = this.#bits >> this.#count & 255;
      this.#bytes[this.#length++] = byte;
      if (byte === 255) this.#bytes[this.#length++] = 0;
    }
  }

  /** Fills the last byte with ones, ends the picture and gives the file. */
  end(): Uint8Array<ArrayBuffer> {
    if (this.#count > 0) this.write((1 << 8 - this.#count) - 1, 8 - this.#count);
    this.put(0xff, 0xd9);
    return this.#bytes.slice(0, this.#length);
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const more = new Uint8Array(this.#bytes.length * 2);
    more.set(this.#bytes);
    this.#bytes = more;
  }
}
