/**
 * The subcommands, a file each: each owns its output and its exit code. subcommands.ts loads a file when its command is called; exported
 * here is only what other parts of the command line share. Does not know how arguments are parsed.
 */
export { edit, type EditDeps } from "./edit.ts";
