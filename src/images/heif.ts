/**
 * HEIC and AVIF as boxes (ISO 23008-12, ISO 14496-12): what the file says of its primary picture. Decodes no pixels, and reads no
 * EXIF: there, its orientation is none (ISO 23008-12, A.2.1), the properties of the picture are.
 */
import {
  type ImageFacts,
  type ImageFormat,
  type Orientation,
  refused,
  type SizeCheck,
  type Walk,
} from "./problem.ts";

/** A box's content; reading beyond it throws a RangeError. */
interface Box {
  readonly type: string;
  readonly content: DataView;
}

/** Properties of the primary picture. */
interface Primary {
  readonly properties: readonly Box[];
  /** Another picture of the file says how far this one can be seen through. */
  readonly hasAlpha: boolean;
}

/** Major brands of sequences; the brands beside them only say what a reader may understand. */
const SEQUENCE_BRANDS: readonly string[] = ["avis", "msf1", "hevc", "hevx"];

/** `auxC` of a picture that holds another one's alpha. */
const ALPHA_TYPES: readonly string[] = [
  "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
  "urn:mpeg:hevc:2015:auxid:1",
];

const BOX_HEADER_BYTES = 8;
/** More boxes beside each other than any picture has: 48 megapixels are some two hundred tiles. */
const MAX_BOXES = 10_000;
/** Pictures that say something about the primary one are its alpha, its depth and what a telephone has measured. */
const MAX_AUXILIARIES = 32;

/** The file ends within a box. */
class CutOff extends Error {}

/** The boxes are whole, and what they say is of no use. */
class Unusable extends Error {}

/** The walk of a file in that format: to the boxes that describe it, and over the lengths of the others. Linear in their number. */
export function walkHeif(
  format: Extract<ImageFormat, "heic" | "avif">,
): (bytes: Uint8Array, checkSize: SizeCheck) => Walk {
  return (bytes, checkSize) => {
    const damaged = (detail: string) => refused({ kind: "damaged", format, detail });
    try {
      const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const animated = SEQUENCE_BRANDS.includes(text(file, 8));
      let facts: ImageFacts | undefined;
      for (const { type, content } of boxesOf(file, { isFile: true })) {
        if (type !== "meta" || facts) continue;
        facts = { ...factsOf(content), animated };
        const problem = checkSize(facts.width, facts.height);
        if (problem) return refused(problem);
      }
      return facts ? { ok: true, facts } : damaged("it does not say what is in it");
    } catch (error) {
      if (error instanceof CutOff) return refused({ kind: "truncated", format });
      if (error instanceof RangeError) return damaged("a box is shorter than what is in it");
      if (error instanceof Unusable) return damaged(error.message);
      throw error;
    }
  };
}

function factsOf(meta: DataView): Omit<ImageFacts, "animated"> {
  const { properties, hasAlpha } = primaryOf(meta);
  const size = properties.find(({ type }) => type === "ispe")?.content;
  if (!size) throw new Unusable("it does not say how large the picture is");
  const [width, height] = [size.getUint32(4), size.getUint32(8)];
  if (width === 0 || height === 0) throw new Unusable(`the size is ${width}x${height}`);
  const channels = properties.find(({ type }) => type === "pixi")?.content;
  const bitDepth = channels && channels.getUint8(4) > 0 ? channels.getUint8(5) : 8;
  return { width, height, orientation: orientationOf(properties), bitDepth, hasAlpha };
}

/** EXIF's orientations that are quarter turns to the left, without a mirror and behind one of each kind. */
const TURNS: Readonly<Record<"none" | "topBottom" | "leftRight", readonly Orientation[]>> = {
  none: [1, 8, 3, 6],
  topBottom: [4, 5, 2, 7],
  leftRight: [2, 7, 4, 5],
};

/** What `irot` and `imir` come to, in the order in which they stand. */
function orientationOf(properties: readonly Box[]): Orientation {
  const turn = properties.findIndex(({ type }) => type === "irot");
  const mirror = properties.findIndex(({ type }) => type === "imir");
  const quarters = turn < 0 ? 0 : properties[turn]!.content.getUint8(0) & 3;
  if (mirror < 0) return TURNS.none[quarters]!;
  const axis = properties[mirror]!.content.getUint8(0) & 1 ? "leftRight" : "topBottom";
  // Mirrored first and turned then is turned the other way and mirrored then.
  return TURNS[axis][mirror < turn ? (4 - quarters) % 4 : quarters]!;
}

function primaryOf(meta: DataView): Primary {
  const boxes = new Map(
    [...boxesOf(meta, { from: 4 })].map(({ type, content }) => [type, content]),
  );
  const need = (type: string): DataView => {
    const content = boxes.get(type);
    if (!content) throw new Unusable(`it has no ${type}`);
    return content;
  };
  const pitm = need("pitm");
  const id = pitm.getUint8(0) === 0 ? pitm.getUint16(4) : pitm.getUint32(4);
  const [all, associations] = propertyBoxes(need("iprp"));
  const propertiesOf = (item: number) =>
    (associations.get(item) ?? []).flatMap((index) => all[index - 1] ?? []);
  const iref = boxes.get("iref");
  const auxiliaries = iref ? [...auxiliariesOf(iref, id)] : [];
  return {
    properties: propertiesOf(id),
    hasAlpha: auxiliaries.some((item) =>
      propertiesOf(item).some(({ type, content }) =>
        type === "auxC" &&
        ALPHA_TYPES.includes(text(content, 4, Math.min(64, content.byteLength - 4)))
      )
    ),
  };
}

/** All properties in the file, and which of them (from 1) each picture has, in their order. */
function propertyBoxes(iprp: DataView): [readonly Box[], ReadonlyMap<number, readonly number[]>] {
  const all: Box[] = [];
  const associations = new Map<number, number[]>();
  for (const { type, content } of boxesOf(iprp)) {
    if (type === "ipco") all.push(...boxesOf(content));
    if (type !== "ipma") continue;
    const [isLong, isWide] = [content.getUint8(0) > 0, (content.getUint8(3) & 1) === 1];
    let at = 8;
    for (let left = content.getUint32(4); left > 0; left--) {
      const item = isLong ? content.getUint32(at) : content.getUint16(at);
      at += isLong ? 4 : 2;
      const indexes = associations.get(item) ?? [];
      associations.set(item, indexes);
      // The highest bit says that a reader must understand it.
      for (let more = content.getUint8(at++); more > 0; more--, at += isWide ? 2 : 1) {
        indexes.push(isWide ? content.getUint16(at) & 0x7fff : content.getUint8(at) & 0x7f);
      }
    }
  }
  return [all, associations];
}

/** The pictures that say something about that one. */
function auxiliariesOf(iref: DataView, about: number): ReadonlySet<number> {
  const isLong = iref.getUint8(0) > 0;
  const idAt = (view: DataView, at: number) => isLong ? view.getUint32(at) : view.getUint16(at);
  const bytes = isLong ? 4 : 2;
  const found = new Set<number>();
  for (const { type, content } of boxesOf(iref, { from: 4 })) {
    if (type !== "auxl") continue;
    for (let left = content.getUint16(bytes), at = bytes + 2; left > 0; left--, at += bytes) {
      if (idAt(content, at) === about) found.add(idAt(content, 0));
    }
    if (found.size >= MAX_AUXILIARIES) break;
  }
  return found;
}

/** The boxes from there to the end of the view, which is a box's content or the file. */
function* boxesOf(
  view: DataView,
  { from = 0, isFile = false }: { readonly from?: number; readonly isFile?: boolean } = {},
): Generator<Box> {
  let count = 0;
  for (let at = from; at + BOX_HEADER_BYTES <= view.byteLength;) {
    if (++count > MAX_BOXES) throw new Unusable(`it has more than ${MAX_BOXES} boxes`);
    const declared = view.getUint32(at);
    const isLong = declared === 1;
    const start = at + (isLong ? 2 : 1) * BOX_HEADER_BYTES;
    // 0: up to the end.
    const size = isLong
      ? Number(view.getBigUint64(at + BOX_HEADER_BYTES))
      : declared === 0
      ? view.byteLength - at
      : declared;
    const end = at + size;
    if (end < start) throw new RangeError(`a box of ${size} bytes`);
    if (end > view.byteLength) {
      throw isFile ? new CutOff() : new RangeError(`a box of ${size} bytes`);
    }
    yield {
      type: text(view, at + 4),
      content: new DataView(view.buffer, view.byteOffset + start, end - start),
    };
    at = end;
  }
}

/** Latin-1, up to its end or a zero. */
function text(view: DataView, at: number, maxBytes = 4): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, maxBytes);
  const zero = bytes.indexOf(0);
  return String.fromCharCode(...zero < 0 ? bytes : bytes.subarray(0, zero));
}
