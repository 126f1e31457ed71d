/** A look at the units, for `doctor`: changes nothing and needs no rights. What is made of it is cli/doctor/service.ts's. */
import type { ServiceLook, UnitLook } from "../cli/doctor/service.ts";
import type { Machine } from "./host.ts";
import { botUnit, comfyuiUnit } from "./unit_files.ts";

/** Asks systemd for both units; what goes wrong is in the answer. */
export async function probeService(machine: Machine): Promise<ServiceLook> {
  if (!await machine.isBootedWithSystemd()) return { type: "absent" };
  const looks: UnitLook[] = [];
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
function lookOf(name: string, text: string): UnitLook {
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
