/** Units of systemd: start, stop, state. Owns the calls of systemctl; callers decide when. */
import type { Host } from "./host.ts";
import type { ProgramEnd } from "./run_program.ts";
import { botUnit, comfyuiUnit } from "./unit_files.ts";

export interface Unit {
  /** Starts it; resolves when systemd has queued the job, not when the unit is active. Rejects with systemctl's message. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface UnitDeps {
  readonly run: (program: string, args: readonly string[]) => Promise<ProgramEnd>;
}

/** `name`: such as `comfyui.service`. Does not call systemctl yet. */
export function openUnit({ run }: UnitDeps, name: string): Unit {
  async function request(verb: "start" | "stop"): Promise<void> {
    const { code, out, err } = await run("systemctl", [
      verb,
      "--no-block",
      "--no-ask-password",
      name,
    ]);
    if (code === 0) return;
    throw new Error(
      `Cannot ${verb} ${name}: ${(err || out).trim() || `systemctl ended with ${code}`} ` +
        `(wanted a polkit rule that allows it for this user, as in config.yaml)`,
    );
  }

  return { start: () => request("start"), stop: () => request("stop") };
}

/** The state of a unit, in the words of `systemctl show`. */
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

/** The state of both units. */
export type ServiceProbe =
  /** The host was not booted with systemd. */
  | { readonly type: "absent" }
  | { readonly type: "unknown"; readonly reason: string }
  | { readonly type: "answered"; readonly bot: UnitProbe; readonly comfyui: UnitProbe };

/** Reads the state of both units; a failure is part of the result. */
export async function probeService(host: Host): Promise<ServiceProbe> {
  if (!await host.isBootedWithSystemd()) return { type: "absent" };
  const probes: UnitProbe[] = [];
  for (const name of [botUnit, comfyuiUnit]) {
    const text = await host.ask(
      "systemctl",
      "show",
      "--property=LoadState,UnitFileState,ActiveState,Result",
      name,
    );
    if (text === undefined) return { type: "unknown", reason: `systemctl show ${name} failed` };
    probes.push(parseUnit(name, text));
  }
  const [bot, comfyui] = probes;
  return { type: "answered", bot: bot!, comfyui: comfyui! };
}

/** `systemctl show` prints `NAME=value`, a line each; systemctl(1). */
function parseUnit(name: string, text: string): UnitProbe {
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
