/** Trouble on the way to Telegram: calls that fail in every way that a network and a server have. */
import type { Fault, Telegram } from "../lab/telegram/mod.ts";

/** Shares of all calls: a tenth of them fails, a tenth of those hang. */
const shares: readonly (Fault & { readonly share: number })[] = [
  { kind: "500", share: 0.02 },
  { kind: "502html", share: 0.01 },
  { kind: "429", retryAfter: 1, share: 0.02 },
  { kind: "cut-before", share: 0.025 },
  { kind: "cut-after", share: 0.02 },
];
/** Answered so late that the bot has given the call up. */
const hangShare = 0.005;

export interface Trouble extends Disposable {
  /** How many calls it hit, by kind. */
  readonly hits: Readonly<Record<string, number>>;
}

/** Has a tenth of all calls fail, downloads and long polls too, until disposed of. `hangs`: at most so many never end. */
export function makeTrouble({ faults }: Telegram, { hangs }: { readonly hangs: number }): Trouble {
  // The first that strikes wins: what reaches a later one is a little less than all.
  const added = [
    ...shares.map(({ share, ...fault }) => ({ fault, probability: share })),
    ...hangs > 0
      ? [{ fault: { kind: "hang", times: hangs } as const, probability: hangShare }]
      : [],
  ].map(({ fault, probability }) => ({
    kind: fault.kind,
    handle: faults.add({ ...fault, probability }),
  }));
  const polls = faults.add({ kind: "cut-before", method: "getUpdates", probability: 0.05 });
  return {
    get hits() {
      return Object.fromEntries(added.map(({ kind, handle }) => [kind, handle.hits]));
    },
    [Symbol.dispose]() {
      for (const { handle } of added) handle.remove();
      polls.remove();
    },
  };
}
