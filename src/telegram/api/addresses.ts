/**
 * Where a message goes when the address that it was sent to has changed: a group that became a supergroup has a new id, a
 * topic is closed or gone, a message that is replied to was deleted. Owns that every way out tries the next best at once;
 * what was keyed by a group's old id is `moved`'s to move.
 */
import { getLogger } from "@logtape/logtape";
import type { Transformer } from "grammy";
import { refusalIn } from "./refusal.ts";

const log = getLogger(["bot", "telegram", "api"]);

export interface Addresses {
  /** Sends what is refused for its address once more, to the one that is right. */
  readonly transformer: Transformer;
  /** Notes that a group has another id from now on, and has everything moved; resolves when it is. */
  move(from: number, to: number): Promise<void>;
  /** Resolves when the moves that have begun are done, or could not be. */
  settled(): Promise<void>;
}

/** `moved` may be told of one move several times, also by several processes. */
export function createAddresses(moved: (from: number, to: number) => Promise<void>): Addresses {
  const moves = new Map<number, { readonly to: number; readonly done: Promise<void> }>();

  async function move(from: number, to: number): Promise<void> {
    const known = moves.get(from);
    if (known?.to === to) return await known.done;
    log.info("Group {from} has become the supergroup {to}", { from, to });
    const done = moved(from, to);
    moves.set(from, { to, done });
    try {
      await done;
    } catch (error) {
      // The disk did not take it: the next to hear of it tries again.
      moves.delete(from);
      throw error;
    }
  }

  return {
    move,
    async settled() {
      await Promise.allSettled([...moves.values()].map(({ done }) => done));
    },
    transformer: async (prev, method, payload, signal) => {
      let sent: Record<string, unknown> = { ...payload };
      const readdress = (to: number) => {
        // Neither its messages nor its topics are those of the old group.
        const { reply_parameters: _reply, message_thread_id: _thread, ...rest } = sent;
        sent = { ...rest, chat_id: to };
      };
      const isSend = /^(send|copy|forward)/.test(method);
      if (isSend) {
        const known = moves.get(Number(sent.chat_id));
        if (known) readdress(known.to);
      }
      for (;;) {
        const answer = await prev(method, sent as typeof payload, signal);
        if (answer.ok) return answer;
        const refusal = refusalIn(answer);
        if (refusal.kind === "moved") {
          await move(Number(sent.chat_id), refusal.chatId);
          // What is edited or deleted has stayed in the old group.
          if (!isSend || sent.chat_id === refusal.chatId) return answer;
          readdress(refusal.chatId);
          continue;
        }
        const part = isSend && { topic: "message_thread_id", reply: "reply_parameters" }[
          refusal.kind as string
        ];
        if (!part || sent[part] === undefined) return answer;
        log.info("Sending to {chatId} without {part}: {error}", {
          chatId: sent.chat_id,
          part,
          error: answer.description,
        });
        const { [part]: _gone, ...rest } = sent;
        sent = rest;
      }
    },
  };
}
