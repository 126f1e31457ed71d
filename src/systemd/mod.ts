/**
 * The host and its systemd: unit files, their installation, the notify socket, the state of a unit. Owns what `install` does to a
 * host. Does not know the bot's work.
 */
export { Host, HostError } from "./host.ts";
export {
  binaryName,
  type InstallOptions,
  installSteps,
  isRunning,
  ownFolders,
  placeOf,
  programUnit,
  uninstallSteps,
} from "./install.ts";
export { runProgram } from "./run_program.ts";
export type { Step } from "./step.ts";
export {
  comfyuiUnit,
  comfyuiUnitText,
  comfyuiUser,
  unitPath,
  type UnitPlace,
} from "./unit_files.ts";
export { openUnit, type ServiceProbe, type UnitProbe } from "./units.ts";
