/** `--help` as text, built from the grammar. Knows no command by name. */
import type { CommandSpec, Grammar, OptionSpec } from "./args.ts";

const program = "image-edit-bot";

/** All commands, a line each; or one command, or a group of them, with options. */
export function helpText(topic: string, { commands, globals, main }: Grammar): string {
  if (topic === "") {
    return [
      "A Telegram bot that edits pictures with ComfyUI.",
      "",
      ...columns(commands.map((command) => [
        `  ${program} ${usageName(command, main)}`,
        command.about,
      ])),
      "",
      ...optionLines(globals),
      "",
      `Run ${program} COMMAND --help for the options of a command.`,
    ].join("\n");
  }
  const shown = commands.filter(({ name }) => `${name} `.startsWith(`${topic} `));
  return [
    ...shown.flatMap((command) => [usage(command), "", `  ${command.about}`, ""]),
    ...optionLines(Object.assign({}, ...shown.map(({ options }) => options), globals)),
  ].join("\n");
}

function usageName({ name, argument }: CommandSpec, main?: string): string {
  return [name === main ? `[${name}]` : name, ...(argument === undefined ? [] : [argument])]
    .join(" ");
}

function usage(command: CommandSpec): string {
  const options = Object.entries(command.options).map(([name, { value, required, repeatable }]) => {
    const option = value === undefined ? `--${name}` : `--${name} ${value}`;
    return (required ? option : `[${option}]`) + (repeatable ? "…" : "");
  });
  return [`Usage: ${program} ${usageName(command)}`, ...options].join(" ");
}

function optionLines(options: Readonly<Record<string, OptionSpec>>): string[] {
  return columns(
    Object.entries(options).map(([name, { value, short, about }]) => [
      `  --${name}${value === undefined ? "" : ` ${value}`}${
        short === undefined ? "" : `, -${short}`
      }`,
      about,
    ]),
  );
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => left.padEnd(width) + right);
}
