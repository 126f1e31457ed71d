/** Which engine a URL asks for. Loads no other. */
import type { Engine } from "./engine.ts";

/** Connects to nothing yet. */
export async function openEngine(url: string): Promise<Engine> {
  if (/^rediss?:/.test(url)) return (await import("./redis.ts")).openRedisEngine(url);
  return (await import("./postgres.ts")).openPostgresEngine(url);
}
