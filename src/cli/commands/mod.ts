/**
 * One file a command. Each owns its output and says how it ends.
 * Loaded by cli.ts when the command is called: nothing is exported from here.
 */
export { edit, type EditDeps } from "./edit.ts";
export { holdAgainst } from "./workflows.ts";
