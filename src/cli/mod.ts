/**
 * The command line: which command there is, what it is given, how it ends.
 * Owns parsing, help and exit codes; each command is loaded when it is called.
 */
export { runCli } from "./cli.ts";
