/** The statistics of the last two weeks: a picture of the days with the sums under it. Owns what is summed. */
import { InputFile } from "grammy";
import { type Text } from "../../i18n/mod.ts";
import { type Drawing } from "../../images/drawing/mod.ts";
import { type DailyStats, type DayStats } from "../../monitoring/mod.ts";
import { type BotContext } from "../api/mod.ts";

/** How many days are shown, today included. */
const days = 14;

/** Sends them as a photo; without a picture where it cannot be drawn. */
export async function sendStatistics(
  ctx: BotContext,
  { dailyStats, drawing }: {
    readonly dailyStats: Pick<DailyStats, "days">;
    readonly drawing: Pick<Drawing, "chart">;
  },
): Promise<void> {
  const tallies = await dailyStats.days(days);
  const caption = captionOf(ctx.text, tallies);
  const picture = await drawing.chart(tallies);
  if (picture) await ctx.replyWithPhoto(new InputFile(picture, "statistics.png"), { caption });
  else await ctx.reply(caption);
}

function captionOf({ admin }: Text, tallies: readonly DayStats[]): string {
  const sum = (field: Exclude<keyof DayStats, "v" | "day">) =>
    tallies.reduce((total, day) => total + day[field], 0);
  const mean = (ms: number, count: number) => count === 0 ? undefined : ms / count;
  // Without an offset it is local time, as the days are.
  const noonOf = (day: DayStats | undefined) => Date.parse(`${day?.day}T12:00`);
  const today = tallies.at(-1);
  return [
    admin.statistics({
      from: noonOf(tallies[0]),
      to: noonOf(today),
      done: sum("done"),
      failed: sum("failed"),
      cancelled: sum("cancelled"),
      runMs: mean(sum("runMs"), sum("runs")),
      waitMs: mean(sum("waitMs"), sum("waits")),
    }),
    ...(today ? [admin.today(today)] : []),
  ].join("\n");
}
