/**
 * The WebSockets of `/ws`: who is connected under which client id, what each is sent, and the faults of sending.
 * Owns frames' bytes; knows neither prompts nor nodes.
 */
import { z } from "zod";
import type { FaultList } from "../faults.ts";
import { parseExact, stringifyExact } from "../python.ts";
import type { Peer } from "./door.ts";

/** An event as it goes out in a text frame. */
export interface SocketEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A frame that was sent. */
export interface SentFrame {
  /** The `sid` of the socket that got it. */
  readonly clientId: string;
  /** The event's type; of a binary frame `preview` or `text`. */
  readonly type: string;
  /** The event's data; of a binary frame its bytes. */
  readonly data: unknown;
}

/** Hears of every frame, in order. */
export type FrameListener = (frame: SentFrame) => void;

interface Socket {
  readonly sid: string;
  readonly wire: WebSocket;
  readonly peer: Peer;
  /** Gets nothing any more (`socket-silent`). */
  silent: boolean;
  /** Its first message said `supports_preview_metadata`. */
  wantsMetadata: boolean;
}

const Hello = z.object({
  type: z.literal("feature_flags"),
  data: z.looseObject({ supports_preview_metadata: z.boolean().catch(false) }),
});
const PREVIEW_IMAGE = 1;
const TEXT = 3;
const PREVIEW_IMAGE_WITH_METADATA = 4;
const IMAGE_JPEG = 1;

/** The open sockets. */
export class Sockets {
  readonly #open = new Set<Socket>();
  /** ComfyUI's `sockets`: a client id's latest socket. */
  readonly #bySid = new Map<string, Socket>();
  readonly #listeners = new Set<FrameListener>();
  readonly #faults: FaultList;
  readonly #newId: () => string;
  readonly #onChange: () => void;

  constructor(deps: {
    readonly faults: FaultList;
    readonly newId: () => string;
    readonly onChange: () => void;
  }) {
    this.#faults = deps.faults;
    this.#newId = deps.newId;
    this.#onChange = deps.onChange;
    deps.faults.listen((fault, strike, gone) => {
      if (fault.kind === "socket-silent" && strike()) {
        for (const socket of this.#open) socket.silent = true;
      } else if (fault.kind === "socket-cut" && strike()) this.#cutAll();
      else if (fault.kind === "socket-cut-every") {
        const timer = setInterval(() => strike() && this.#cutAll(), fault.everyMs);
        gone.addEventListener("abort", () => clearInterval(timer), { once: true });
      }
    });
  }

  /** How many are open. */
  get count(): number {
    return this.#open.size;
  }

  onFrame(listener: FrameListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /**
   * Upgrades a request to `/ws?clientId=…`. `greet` gives what a socket of that id is sent first; `features` answers its
   * `feature_flags`.
   */
  accept(
    request: Request,
    peer: Peer,
    greet: (sid: string) => readonly SocketEvent[],
    features: () => Readonly<Record<string, unknown>>,
  ): Response {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return new Response("No WebSocket UPGRADE hdr: None", { status: 400 });
    }
    if (this.#faults.has("socket-cut", (fault) => fault.refuse === true)) {
      return new Response(null, { status: 503 });
    }
    const { socket: wire, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    const sid = new URL(request.url).searchParams.get("clientId") || this.#newId();
    const socket: Socket = { sid, wire, peer, silent: false, wantsMetadata: false };
    wire.onopen = () => {
      this.#open.add(socket);
      this.#bySid.set(sid, socket);
      for (const event of greet(sid)) this.#send(socket, event);
      this.#onChange();
    };
    let isFirst = true;
    wire.onmessage = ({ data }) => {
      const hello = isFirst && typeof data === "string" ? parseHello(data) : undefined;
      isFirst = false;
      if (hello === undefined) return;
      socket.wantsMetadata = hello.data.supports_preview_metadata;
      this.#send(socket, { type: "feature_flags", data: features() });
    };
    wire.onerror = () => {};
    wire.onclose = () => {
      if (!this.#open.delete(socket)) return;
      // As server.py: an old socket that ends takes a newer one of the same id out of the list with it.
      this.#bySid.delete(sid);
      this.#onChange();
    };
    return response;
  }

  /** Sends to one client id, or to all where it is undefined (as `send_sync` with `sid=None`). */
  send(sid: string | undefined, event: SocketEvent): void {
    for (const socket of this.#to(sid)) this.#send(socket, event);
    this.#onChange();
  }

  /** True where that client's previews come with metadata, and then before the `progress` of their step. */
  wantsMetadata(sid: string | undefined): boolean {
    return sid !== undefined && this.#bySid.get(sid)?.wantsMetadata === true;
  }

  /** Sends a JPEG preview: type 4 to clients that asked for metadata, type 1 to the others. */
  sendPreview(
    sid: string | undefined,
    jpeg: Uint8Array,
    metadata: Readonly<Record<string, unknown>>,
  ): void {
    for (const socket of this.#to(sid)) {
      const bytes = socket.wantsMetadata
        ? metadataFrame(jpeg, { ...metadata, image_type: "image/jpeg" })
        : binaryFrame(PREVIEW_IMAGE, uint32(IMAGE_JPEG), jpeg);
      this.#put(socket, bytes, { clientId: socket.sid, type: "preview", data: bytes });
    }
    this.#onChange();
  }

  /** Sends a node's text: type 3, the length of the node's id, the id, the text (`send_progress_text`). */
  sendText(sid: string | undefined, node: string, text: string): void {
    const id = new TextEncoder().encode(node);
    const bytes = binaryFrame(TEXT, uint32(id.length), id, new TextEncoder().encode(text));
    for (const socket of this.#to(sid)) {
      this.#put(socket, bytes, { clientId: socket.sid, type: "text", data: bytes });
    }
    this.#onChange();
  }

  /** The process died: its sockets are gone, whatever the other side still thinks. */
  forget(): void {
    for (const socket of this.#open) closeQuietly(socket.wire);
    this.#open.clear();
    this.#bySid.clear();
  }

  #to(sid: string | undefined): readonly Socket[] {
    if (sid === undefined) return [...this.#bySid.values()];
    const socket = this.#bySid.get(sid);
    return socket === undefined ? [] : [socket];
  }

  #send(socket: Socket, event: SocketEvent): void {
    this.#put(socket, stringifyExact(event), {
      clientId: socket.sid,
      type: event.type,
      data: event.data,
    });
  }

  #put(socket: Socket, frame: string | Uint8Array<ArrayBuffer>, sent: SentFrame): void {
    if (socket.silent || socket.wire.readyState !== WebSocket.OPEN) return;
    if (this.#faults.take("unknown-frames") !== undefined) {
      socket.wire.send(stringifyExact({ type: "quantum_state", data: { entangled: [null] } }));
      socket.wire.send(new Uint8Array(0));
      socket.wire.send(binaryFrame(99, new Uint8Array([1, 2, 3])));
    }
    if (this.#faults.take("half-frames") !== undefined) {
      const text = stringifyExact({ type: sent.type, data: { half: true } });
      socket.wire.send(text.slice(0, text.length / 2));
    }
    socket.wire.send(frame);
    for (const listener of this.#listeners) listener(sent);
  }

  #cutAll(): void {
    for (const socket of [...this.#open]) {
      this.#open.delete(socket);
      if (this.#bySid.get(socket.sid) === socket) this.#bySid.delete(socket.sid);
      socket.peer.cut();
    }
    this.#onChange();
  }
}

function parseHello(text: string): z.infer<typeof Hello> | undefined {
  try {
    return Hello.safeParse(parseExact(text)).data;
  } catch {
    return undefined;
  }
}

function metadataFrame(
  jpeg: Uint8Array,
  metadata: Readonly<Record<string, unknown>>,
): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(stringifyExact(metadata));
  return binaryFrame(PREVIEW_IMAGE_WITH_METADATA, uint32(head.length), head, jpeg);
}

/** Four bytes of big-endian type, then the parts. */
function binaryFrame(type: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = [uint32(type), ...parts];
  const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function closeQuietly(wire: WebSocket): void {
  try {
    wire.close();
  } catch {
    // It is closed already.
  }
}
