/**
 * What all commands use: argument parser, help, streams, exit codes, progress bar. Does not know any command by name.
 */
export { alike } from "./alike.ts";
export { type Grammar, parseCommandLine, type ParsedArgs } from "./args.ts";
export { type Command, type Context, runCommand } from "./command.ts";
export { exitCode, type Failure, removeWebhook, startComfyUI, StopRequest } from "./exit_code.ts";
export { helpText } from "./help.ts";
export { createProgressBar } from "./progress_bar.ts";
export { confirm, type Io, type Paint, paintFor, print, type Stream, write } from "./terminal.ts";
