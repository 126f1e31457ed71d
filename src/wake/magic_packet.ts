/** The packet that wakes a machine: six bytes of 255 and sixteen times its MAC address ("Magic Packet Technology", AMD, 1995), in one UDP datagram. */

/** Which machine is woken, and where the packet goes. */
export interface WakeAddress {
  /** Six bytes in hexadecimal, with `:` or `-` between them. */
  readonly mac: string;
  /** IPv4; a broadcast address reaches a machine that sleeps, and has no IP address meanwhile. */
  readonly address: string;
  readonly port: number;
}

/** Sends it once. Rejects where the network is away. */
export async function sendMagicPacket({ mac, address, port }: WakeAddress): Promise<void> {
  // Deno sets SO_BROADCAST on every UDP socket.
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 });
  try {
    await socket.send(magicPacket(mac), { transport: "udp", hostname: address, port });
  } finally {
    socket.close();
  }
}

/** 102 bytes. */
function magicPacket(mac: string): Uint8Array {
  const bytes = mac.split(/[:-]/).map((byte) => parseInt(byte, 16));
  return Uint8Array.from([...Array(6).fill(255), ...Array(16).fill(bytes).flat()]);
}
