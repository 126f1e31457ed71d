/**
 * One datagram to a Unix socket. Owns the call into libc: Deno's own datagram sockets take no abstract address, and would have
 * to be waited for. Knows nothing of what is sent.
 */

/** Linux, `socket.h`: the same on every architecture that Deno runs on. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** `sun_path` of `struct sockaddr_un`; unix(7). */
const maxPathBytes = 108;

const calls = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/**
 * Sends `text` to the datagram socket at `address`: an absolute path, or an abstract name after `@`. Does not wait; false where
 * it could not be sent: nobody is there, or its buffer is full. Throws where libc cannot be called.
 */
export function sendDatagram(address: string, text: string): boolean {
  const to = sockaddrOf(address);
  if (to === undefined) return false;
  using libc = openLibc();
  const { socket, sendto, close } = libc.symbols;
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  try {
    const bytes = new TextEncoder().encode(text);
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    return Number(sendto(fd, bytes, BigInt(bytes.length), flags, to, to.length)) === bytes.length;
  } finally {
    close(fd);
  }
}

function openLibc() {
  const libc = Deno.dlopen("libc.so.6", calls);
  return { symbols: libc.symbols, [Symbol.dispose]: () => libc.close() };
}

/** `struct sockaddr_un`: the family in the machine's byte order, then the path. Undefined for what is no such address. */
function sockaddrOf(address: string): Uint8Array<ArrayBuffer> | undefined {
  const isAbstract = address.startsWith("@");
  if (!isAbstract && !address.startsWith("/")) return undefined;
  // An abstract name begins with a NUL and has no end but the address's length; a path ends with a NUL.
  const path = new TextEncoder().encode(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  if (path.length > maxPathBytes) return undefined;
  const sockaddr = new Uint8Array(2 + path.length);
  new Uint16Array(sockaddr.buffer, 0, 1)[0] = AF_UNIX;
  sockaddr.set(path, 2);
  return sockaddr;
}
