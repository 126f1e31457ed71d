/** `DATA_DIR/metrics.json`: owns that whoever reads it finds a whole one, whenever that is. */
import { join } from "node:path";
import type { MetricsSummary } from "./lifetime_totals.ts";

/** Writes the numbers beside the file, then puts them in its place. */
export async function writeMetricsFile(dataDir: string, summary: MetricsSummary): Promise<void> {
  const path = join(dataDir, "metrics.json");
  const part = `${path}.part`;
  await Deno.writeTextFile(part, `${JSON.stringify(summary, undefined, 2)}\n`);
  await Deno.rename(part, path);
}
