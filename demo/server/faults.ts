/**
 * The page's buttons that make trouble: what can go wrong on purpose, and what of it is wrong now.
 * Owns the faults that it added and no others. Knows nothing of HTTP.
 */
import { z } from "zod";
import type { PageWorld } from "./world.ts";

/** A kind of trouble, and whether it is to begin or to end. `bot` is an event: the process is killed and comes back. */
export const TroubleOrder = z.object({
  kind: z.enum(["comfyui", "memory", "flood", "slow", "bot"]),
  on: z.boolean(),
});
export type TroubleOrder = z.infer<typeof TroubleOrder>;

/** What is wrong now. */
export interface TroubleState {
  /** ComfyUI was killed. */
  readonly comfyui: boolean;
  /** The next run will fail for want of graphics memory. */
  readonly memory: boolean;
  /** Telegram answers 429 to most calls. */
  readonly flood: boolean;
  /** Telegram takes `SLOW_MS` for every answer. */
  readonly slow: boolean;
  /** The bot's process is not there. */
  readonly bot: boolean;
}

export interface Trouble {
  readonly state: TroubleState;
  order(order: TroubleOrder): Promise<void>;
}

const SLOW_MS = 1_500;
const FLOOD_SHARE = 0.7;
const FLOOD_RETRY_S = 2;

/** Nothing is wrong at first. */
export function createTrouble({ telegram, comfyui, bot }: PageWorld): Trouble {
  let isComfyDead = false;
  let flood: { remove(): void } | undefined;
  let memory: { readonly hits: number; remove(): void } | undefined;

  return {
    get state() {
      return {
        comfyui: isComfyDead,
        memory: memory !== undefined && memory.hits === 0,
        flood: flood !== undefined,
        slow: telegram.latencyMs > 0,
        bot: bot.state !== "running",
      };
    },
    async order({ kind, on }) {
      switch (kind) {
        case "comfyui":
          if (on === isComfyDead) return;
          isComfyDead = on;
          await (on ? comfyui.kill() : comfyui.restart());
          return;
        case "memory":
          memory?.remove();
          memory = on
            ? comfyui.faults.add({
              kind: "error",
              exceptionType: "torch.OutOfMemoryError",
              exceptionMessage: "Allocation on device 0 would exceed allowed memory.",
              times: 1,
            })
            : undefined;
          return;
        case "flood":
          flood?.remove();
          flood = on
            ? telegram.faults.add({
              kind: "429",
              retryAfter: FLOOD_RETRY_S,
              probability: FLOOD_SHARE,
            })
            : undefined;
          return;
        case "slow":
          telegram.latencyMs = on ? SLOW_MS : 0;
          return;
        case "bot":
          if (on) bot.kill();
          return;
        default:
          kind satisfies never;
      }
    },
  };
}
