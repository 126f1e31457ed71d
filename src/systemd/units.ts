/** One of systemd's units, started and stopped on its owner's behalf. Owns how systemd is asked; when is the asker's. */
import type { ProgramEnd } from "./host.ts";

export interface Unit {
  /** Has it started; resolves when systemd has taken that on, not when it is up. Rejects with what systemd says. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface UnitDeps {
  readonly run: (program: string, args: readonly string[]) => Promise<ProgramEnd>;
}

/** `name`: such as `comfyui.service`. Nothing is asked of systemd yet. */
export function openUnit({ run }: UnitDeps, name: string): Unit {
  async function ask(verb: "start" | "stop"): Promise<void> {
    const { code, out, err } = await run("systemctl", [
      verb,
      "--no-block",
      "--no-ask-password",
      name,
    ]);
    if (code === 0) return;
    throw new Error(
      `Cannot ${verb} ${name}: ${(err || out).trim() || `systemctl ended with ${code}`} ` +
        `(wanted a polkit rule that lets this user do it, as config.yaml shows)`,
    );
  }

  return { start: () => ask("start"), stop: () => ask("stop") };
}
