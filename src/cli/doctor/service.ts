/** `doctor` on the service: does the bot start with the machine, and does it run. Does not ask systemd itself. */
import { type ServiceProbe, type UnitProbe } from "../../systemd/mod.ts";
import { fail, type Finding, ok, warn } from "./check.ts";

export function checkService(look: ServiceProbe): Finding {
  switch (look.type) {
    case "absent":
      return ok("this machine has no systemd: start the bot by your own means");
    case "unknown":
      return warn(`systemd cannot be asked: ${look.reason}`);
    case "answered":
      return checkUnits(look.bot, look.comfyui);
    default:
      return look satisfies never;
  }
}

function checkUnits(bot: UnitProbe, comfyui: UnitProbe): Finding {
  if (bot.load === "not-found") {
    return warn(
      "the bot does not start with this machine: it is not installed",
      "sudo image-edit-bot install",
    );
  }
  // ComfyUI may well be started by other means.
  const known = [bot, ...(comfyui.load === "not-found" ? [] : [comfyui])];
  for (const { name, load, active, result } of known) {
    if (load !== "loaded") {
      return fail(`systemd cannot read ${name} (${load})`, `systemd-analyze verify ${name}`);
    }
    if (active === "failed" || result !== "success" && active !== "active") {
      // A symptom: what keeps it from running is another check's, or in its log.
      return warn(`${name} does not run (${result})`, `journalctl -u ${name} -n 50`);
    }
  }
  const off = known.filter(({ file }) => file === "disabled").map(({ name }) => name).join(" ");
  if (off !== "") {
    return warn(`${off} does not start with this machine`, `sudo systemctl enable ${off}`);
  }
  return ok(known.map(({ name, active }) => `${name} is ${active}`).join(", "));
}
