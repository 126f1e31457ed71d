/**
 * Wake-on-LAN: wakes the machine of a ComfyUI when jobs wait for it. Owns when, the packet, and how long a machine takes until its
 * ComfyUI answers. Does not know ComfyUI's protocol or the chat.
 */
export { sendMagicPacket, type WakeAddress } from "./magic_packet.ts";
export { openWakePolicy, type WakePolicy, WakeTimes, type WakeTimesStore } from "./wake_policy.ts";
