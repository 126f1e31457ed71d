/**
 * Whether the program is alive, and whether it can do its work: what `/healthz` and `/readyz` say. Owns when Telegram counts
 * as reached; worker/backend_health.ts has the answers of the backends.
 */
import { type BackendAnswer } from "../worker/mod.ts";

/** How a call of the Bot API ended: HTTP status or Telegram's error code, `network` where there was no answer. */
export interface TelegramCall {
  readonly method: string;
  readonly code: number | "network";
}

/** Answers `/healthz`; where it is not alive, a restart may help. */
export type Liveness =
  | { readonly alive: true }
  | { readonly alive: false; readonly problem: string };

/** Answers `/readyz`. `ok`, or why not. */
export interface Readiness {
  /** Telegram gives updates, and one backend at least can be reached. */
  readonly ready: boolean;
  readonly telegram: string;
  readonly backends: Readonly<Record<string, string>>;
}

export interface Health {
  /** Notes how a call of the Bot API ended. */
  called(call: TelegramCall): void;
  liveness(): Liveness;
  readiness(): Promise<Readiness>;
  /** When Telegram last gave updates (or said that there are none), milliseconds since 1970. */
  readonly polledAt: number | undefined;
}

/** A long poll takes 30 s and times out after 60 s: after twice that, the update loop has stopped. */
const maxSilenceMs = 120_000;

export interface HealthDeps {
  /** What each backend answers now. */
  readonly backends: () => Promise<readonly BackendAnswer[]>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The time starts with the call. */
export function createHealth({ backends, now }: HealthDeps): Health {
  let askedAt = now();
  let polledAt: number | undefined;
  /** What is wrong with Telegram; undefined where it answered last. */
  let trouble: string | undefined = "it was not reached yet";

  function silence(): string | undefined {
    const silentMs = now() - askedAt;
    return silentMs > maxSilenceMs
      ? `Telegram was not asked for updates for ${Math.round(silentMs / 1000)} s`
      : undefined;
  }

  return {
    called({ method, code }) {
      // A long poll without news is answered after half a minute: any other answer tells sooner that Telegram is there.
      if (code === 200) trouble = undefined;
      if (method !== "getUpdates") return;
      askedAt = now();
      if (code === 200) polledAt = askedAt;
      else trouble = code === "network" ? "it cannot be reached" : `it answers ${code}`;
    },
    liveness() {
      const problem = silence();
      return problem === undefined ? { alive: true } : { alive: false, problem };
    },
    async readiness() {
      const answers = await backends();
      const telegram = silence() ?? trouble ?? "ok";
      return {
        ready: telegram === "ok" && answers.some(({ ok }) => ok),
        telegram,
        backends: Object.fromEntries(
          answers.map((answer) => [answer.name, answer.ok ? "ok" : answer.reason]),
        ),
      };
    },
    get polledAt() {
      return polledAt;
    },
  };
}
