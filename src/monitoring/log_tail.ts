/** The end of the log file, for whoever looks after the bot from the chat. Secrets were taken out when it was written. */

import { logPath } from "./logging.ts";

/** Longest part of the file that is looked at. */
const maxBytes = 64 * 1024;

/** The last `count` lines, the newest last; none where there is no log. Rejects where it cannot be read. */
export async function readLogTail(logsDir: string, count: number): Promise<readonly string[]> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(logPath(logsDir));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  using opened = file;
  const { size } = await opened.stat();
  const from = Math.max(0, size - maxBytes);
  await opened.seek(from, Deno.SeekMode.Start);
  const text = await new Response(opened.readable).text();
  const lines = text.split("\n").filter((line) => line !== "");
  // What the cut has halved is no line.
  return (from > 0 ? lines.slice(1) : lines).slice(-count);
}
