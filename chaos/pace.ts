/** How many calls the bot makes: a storm is more than Telegram takes. */
import type { Stage } from "../lab/stage.ts";

/** What Telegram takes of a bot a second, messages and edits; other calls are not counted there, and are here. */
export const maxCallsPerSecond = 30;

/** The most calls within any second since then, and of what. Long polls are none. */
export function peakOfCalls(
  { telegram }: Pick<Stage, "telegram">,
  since: number,
): { readonly perSecond: number; readonly mostly: string } {
  const times = telegram.calls.filter(({ method, at }) => at >= since && method !== "getUpdates");
  let most: readonly (typeof times)[number][] = [];
  let first = 0;
  for (const [index, { at }] of times.entries()) {
    while (times[first]!.at <= at - 1_000) first++;
    if (index + 1 - first > most.length) most = times.slice(first, index + 1);
  }
  const counts = new Map<string, number>();
  for (const { method } of most) counts.set(method, (counts.get(method) ?? 0) + 1);
  const [mostly = "none"] = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return { perSecond: most.length, mostly };
}
