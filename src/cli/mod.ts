/**
 * The command line. Owns arguments, help, output and exit codes; each command is loaded when it runs. Does not know how the bot
 * works: that is app.ts's.
 */
export { runCli } from "./cli.ts";
