/** The systemd units: are they enabled, are they active. Does not run systemctl: systemd/units.ts does. */
import { type ServiceProbe, type UnitProbe } from "../../systemd/mod.ts";
import { fail, type Finding, ok, warn } from "./check.ts";

export function checkService(probe: ServiceProbe): Finding {
  switch (probe.type) {
    case "absent":
      return ok("this host has no systemd: start the bot in another way");
    case "unknown":
      return warn(`systemctl does not answer: ${probe.reason}`);
    case "answered":
      return checkUnits(probe.bot, probe.comfyui);
    default:
      return probe satisfies never;
  }
}

function checkUnits(bot: UnitProbe, comfyui: UnitProbe): Finding {
  if (bot.load === "not-found") {
    return warn(
      "the bot is not installed as a service",
      "sudo image-edit-bot install",
    );
  }
  // ComfyUI may well be started by other means.
  const known = [bot, ...(comfyui.load === "not-found" ? [] : [comfyui])];
  for (const { name, load, active, result } of known) {
    if (load !== "loaded") {
      return fail(`systemd cannot load ${name} (${load})`, `systemd-analyze verify ${name}`);
    }
    if (active === "failed" || result !== "success" && active !== "active") {
      // A symptom only: the cause is in another check, or in the unit's log.
      return warn(`${name} is not running (${result})`, `journalctl -u ${name} -n 50`);
    }
  }
  const off = known.filter(({ file }) => file === "disabled").map(({ name }) => name).join(" ");
  if (off !== "") {
    return warn(`${off} is not enabled: it does not start at boot`, `sudo systemctl enable ${off}`);
  }
  return ok(known.map(({ name, active }) => `${name} is ${active}`).join(", "));
}
