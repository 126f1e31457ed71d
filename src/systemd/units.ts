/** One of systemd's units, started and stopped on its owner's behalf. Owns how systemd is asked; when is the asker's. */
import type { Host } from "./host.ts";
import type { ProgramEnd } from "./run_program.ts";
import { botUnit, comfyuiUnit } from "./unit_files.ts";

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

/** A unit as systemd knows it; the words are those of `systemctl show`. */
export interface UnitProbe {
  readonly name: string;
  /** LoadState: `loaded`, `not-found`, `bad-setting` … */
  readonly load: string;
  /** UnitFileState: `enabled`, `disabled` …; empty where there is no file. */
  readonly file: string;
  /** ActiveState: `active`, `inactive`, `failed`, `activating` … */
  readonly active: string;
  /** Result: `success`, or why it ended, such as `exit-code` or `watchdog`. */
  readonly result: string;
}

/** What a look at systemd shows. */
export type ServiceProbe =
  /** The machine was started by something else. */
  | { readonly type: "absent" }
  | { readonly type: "unknown"; readonly reason: string }
  | { readonly type: "answered"; readonly bot: UnitProbe; readonly comfyui: UnitProbe };

/** Asks systemd for both units; what goes wrong is in the answer. */
export async function probeService(machine: Host): Promise<ServiceProbe> {
  if (!await machine.isBootedWithSystemd()) return { type: "absent" };
  const looks: UnitProbe[] = [];
  for (const name of [botUnit, comfyuiUnit]) {
    const text = await machine.ask(
      "systemctl",
      "show",
      "--property=LoadState,UnitFileState,ActiveState,Result",
      name,
    );
    if (text === undefined) return { type: "unknown", reason: `systemctl show ${name} failed` };
    looks.push(lookOf(name, text));
  }
  const [bot, comfyui] = looks;
  return { type: "answered", bot: bot!, comfyui: comfyui! };
}

/** `systemctl show` prints `NAME=value`, a line each; systemctl(1). */
function lookOf(name: string, text: string): UnitProbe {
  const values = new Map(
    text.split("\n").map((line) => {
      const [key = "", ...rest] = line.split("=");
      return [key, rest.join("=")];
    }),
  );
  const valueOf = (key: string) => values.get(key) ?? "";
  return {
    name,
    load: valueOf("LoadState"),
    file: valueOf("UnitFileState"),
    active: valueOf("ActiveState"),
    result: valueOf("Result"),
  };
}
