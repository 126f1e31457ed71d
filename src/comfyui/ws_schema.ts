/**
 * What ComfyUI says over its WebSocket: frames, parsed at the border into this program's words; http_schema.ts has the HTTP half.
 * Pure: knows no socket and no run.
 *
 * Shapes are those of ComfyUI's server.py, execution.py and protocol.py, checked against recordings of 0.3.64 and 0.33.
 */
import { z } from "zod";
import { type PictureBytes } from "../worker/mod.ts";
import { parseJson } from "./json.ts";

/**
 * One WebSocket frame. `promptId` is undefined where the server leaves it out: the first `executing` after a reconnect,
 * previews of type 1, `progress` of old servers.
 */
export type Frame =
  /** A node began; `nodeId` undefined: the prompt has ended, and its history is written. */
  | {
    readonly type: "executing";
    readonly promptId: string | undefined;
    readonly nodeId: string | undefined;
  }
  | {
    readonly type: "progress";
    readonly promptId: string | undefined;
    readonly nodeId: string | undefined;
    readonly value: number;
    readonly max: number;
  }
  | {
    readonly type: "preview";
    readonly promptId: string | undefined;
    /** Its bytes are a view into the frame, not a copy. */
    readonly picture: PictureBytes;
  }
  /** A node says something of its own while it runs; it names no prompt. */
  | {
    readonly type: "text";
    readonly promptId: undefined;
    readonly nodeId: string;
    readonly text: string;
  }
  | { readonly type: "execution_start"; readonly promptId: string }
  /** The prompt has ended; its history may be written a moment later. */
  | {
    readonly type: "execution_success" | "execution_error" | "execution_interrupted";
    readonly promptId: string;
  }
  /** It repeats what another frame or the history says: a sign of life at most. */
  | {
    readonly type:
      | "status"
      | "feature_flags"
      | "execution_cached"
      | "executed"
      | "progress_state";
    readonly promptId: string | undefined;
  }
  /** New in ComfyUI, of a custom node, or rubbish; `name` is its type where it has one. */
  | {
    readonly type: "unknown";
    readonly name: string | undefined;
    readonly promptId: string | undefined;
  };

const ofPrompt = z.object({ prompt_id: z.string() });
const maybeOfPrompt = z.object({ prompt_id: z.string().nullish() });
const nodeId = z.union([z.string(), z.number().transform(String)]);

const textFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("executing"),
    data: maybeOfPrompt.extend({ node: nodeId.nullable() }),
  }),
  z.object({
    type: z.literal("progress"),
    data: maybeOfPrompt.extend({
      node: nodeId.nullish(),
      value: z.number().nonnegative(),
      max: z.number().positive(),
    }),
  }),
  z.object({
    type: z.enum([
      "execution_start",
      "execution_success",
      "execution_error",
      "execution_interrupted",
    ]),
    data: ofPrompt,
  }),
  z.object({
    type: z.enum(["status", "feature_flags", "execution_cached", "executed", "progress_state"]),
    data: maybeOfPrompt,
  }),
]);
const anyFrame = z.object({
  type: z.string().optional().catch(undefined),
  data: maybeOfPrompt.optional().catch(undefined),
});

/** Parses a frame as the WebSocket gives it: a string, or an ArrayBuffer. Never throws. */
export function parseFrame(data: unknown): Frame {
  if (typeof data === "string") return parseText(data);
  if (data instanceof ArrayBuffer) return parseBinary(data);
  return { type: "unknown", name: undefined, promptId: undefined };
}

function parseText(text: string): Frame {
  const value = parseJson(text);
  const known = textFrame.safeParse(value);
  if (!known.success) {
    const any = anyFrame.safeParse(value).data;
    return { type: "unknown", name: any?.type, promptId: any?.data?.prompt_id ?? undefined };
  }
  const frame = known.data;
  const promptId = frame.data.prompt_id ?? undefined;
  switch (frame.type) {
    case "executing":
      return { type: frame.type, promptId, nodeId: frame.data.node ?? undefined };
    case "progress": {
      const { node, value, max } = frame.data;
      return { type: frame.type, promptId, nodeId: node ?? undefined, value, max };
    }
    case "execution_start":
    case "execution_success":
    case "execution_error":
    case "execution_interrupted":
      return { type: frame.type, promptId: frame.data.prompt_id };
    default:
      return { type: frame.type, promptId };
  }
}

/**
 * Binary frames, big-endian: type, then for 1 the image type, for 4 the length of a JSON head; then the picture. For 3 the
 * length of a node's id, the id, then the text.
 */
const previewImage = 1;
const nodeText = 3;
const previewWithMetadata = 4;
const mimeOfImageType: Readonly<Record<number, string>> = { 1: "image/jpeg", 2: "image/png" };
const previewHead = maybeOfPrompt.extend({ image_type: z.string().startsWith("image/") });

function parseBinary(buffer: ArrayBuffer): Frame {
  const unknown: Frame = { type: "unknown", name: undefined, promptId: undefined };
  if (buffer.byteLength <= 8) return unknown;
  const view = new DataView(buffer);
  const second = view.getUint32(4);
  switch (view.getUint32(0)) {
    case previewImage: {
      const mime = mimeOfImageType[second];
      if (!mime) return unknown;
      const picture = { bytes: new Uint8Array(buffer, 8), mime };
      return { type: "preview", promptId: undefined, picture };
    }
    case previewWithMetadata: {
      if (8 + second >= buffer.byteLength) return unknown;
      const json = decode(new Uint8Array(buffer, 8, second));
      const head = previewHead.safeParse(parseJson(json)).data;
      if (!head) return unknown;
      const picture = { bytes: new Uint8Array(buffer, 8 + second), mime: head.image_type };
      return { type: "preview", promptId: head.prompt_id ?? undefined, picture };
    }
    case nodeText: {
      if (8 + second > buffer.byteLength) return unknown;
      const nodeId = decode(new Uint8Array(buffer, 8, second));
      const text = decode(new Uint8Array(buffer, 8 + second));
      return { type: "text", promptId: undefined, nodeId, text };
    }
    default:
      return unknown;
  }
}

function decode(bytes: Uint8Array<ArrayBuffer>): string {
  return new TextDecoder().decode(bytes);
}

/** First message on a new socket: previews then name their prompt (binary type 4 instead of 1). */
export const featureFlagsMessage = JSON.stringify({
  type: "feature_flags",
  data: { supports_preview_metadata: true },
});
