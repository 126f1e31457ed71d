/** Prometheus's text format, read as far as tests need it, and Debian's own programs for it. */

/** The series of a scrape: `name{label="value",…}` → value, as they are written. */
export function seriesOf(scrape: string): ReadonlyMap<string, number> {
  return new Map(
    scrape.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** Names of the series, without labels. */
export function namesOf(scrape: string): ReadonlySet<string> {
  return new Set([...seriesOf(scrape).keys()].map((series) => series.replace(/\{.*/, "")));
}

/** What `promtool` (Debian package `prometheus`) says; rejects where it is not installed. */
export async function promtool(
  args: readonly string[],
  { input = "", cwd }: { readonly input?: string; readonly cwd?: URL } = {},
): Promise<{ readonly code: number; readonly output: string }> {
  const child = new Deno.Command("promtool", {
    args: [...args],
    ...(cwd ? { cwd } : {}),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** True where the program is installed; otherwise the test is reported as ignored. */
export async function hasPrometheus(): Promise<boolean> {
  try {
    return (await new Deno.Command("promtool", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}
