/**
 * Sends a run's events in their order, one at a time. Owns that a slow engine gets the latest step and preview, not all of them. An event
 * that cannot be sent is left out.
 */
import { type BackendEvent } from "../worker/mod.ts";
import { writeEvent } from "./protocol.ts";

type SentEvent = NonNullable<ReturnType<typeof writeEvent>>;

export interface EventSender {
  push(event: BackendEvent): void;
  /** Resolves when all have been sent. */
  flush(): Promise<void>;
}

/** A newer one takes the place of one that waits. */
const replaceable: readonly string[] = ["executing", "step", "preview", "storage_away"];

export function createEventSender(send: (event: SentEvent) => Promise<void>): EventSender {
  let waiting: SentEvent[] = [];
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    for (let event = waiting.shift(); event; event = waiting.shift()) {
      await send(event).catch(() => {});
    }
    sending = undefined;
  }

  return {
    push(event) {
      const written = writeEvent(event);
      if (!written) return;
      if (replaceable.includes(written.type)) {
        waiting = waiting.filter(({ type }) => type !== written.type);
      }
      waiting.push(written);
      sending ??= sendAll();
    },
    async flush() {
      await sending;
    },
  };
}
