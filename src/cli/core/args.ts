/**
 * Parses arguments against a grammar: a command with its options, or one sentence that says what is wrong. Pure. Knows no command
 * by name, except `help`.
 */
import { parseArgs } from "node:util";
import { editDistance, nearest, probableName } from "../../lib/mod.ts";

/** One option, `--name` or `--name VALUE`. */
export interface OptionSpec {
  /** How help shows its value (`FILE`); without it the option is a switch. */
  readonly value?: string;
  readonly short?: string;
  readonly required?: boolean;
  /** May be repeated. */
  readonly repeatable?: boolean;
  readonly about: string;
}

/** One command. An option of one name must be of one kind in all commands. */
export interface CommandSpec {
  /** `run`, `workflows check`. */
  readonly name: string;
  readonly about: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** How help shows its arguments, a word each: `[NAME]`, `FROM TO`. */
  readonly argument?: string;
}

export interface Grammar {
  readonly commands: readonly CommandSpec[];
  /** The command that runs when none is named. */
  readonly main: string;
  /** Options of every command. `help` and `version` must be among them. */
  readonly globals: Readonly<Record<string, OptionSpec>>;
}

/** A command with its arguments. */
export interface ParsedArgs {
  readonly command: string;
  /** The first argument. */
  readonly argument: string | undefined;
  readonly arguments: readonly string[];
  /** Values of an option in order; empty where it is not there. */
  values(option: string): readonly string[];
  has(option: string): boolean;
}

export type ParsedLine =
  | { readonly type: "command"; readonly args: ParsedArgs }
  | { readonly type: "version" }
  /** `topic`: a command, or a group of them (`workflows`); empty for all. */
  | { readonly type: "help"; readonly topic: string }
  /** One sentence. */
  | { readonly type: "wrong"; readonly message: string };

/** Parses the arguments. Never throws. */
export function parseCommandLine(args: readonly string[], grammar: Grammar): ParsedLine {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      [grammar.globals, ...grammar.commands.map((command) => command.options)]
        .flatMap((options) => Object.entries(options))
        .map(([name, { value, short }]) => [name, {
          type: value === undefined ? "boolean" as const : "string" as const,
          ...(short === undefined ? {} : { short }),
        }]),
    ),
  });
  const options = tokens.filter((token) => token.kind === "option");
  const words = tokens.filter((token) => token.kind === "positional").map(({ value }) => value);
  if (options.some(({ name }) => name === "version")) return { type: "version" };
  const asksHelp = options.some(({ name }) => name === "help");
  if (asksHelp || words[0] === "help") {
    return helpOn(words[0] === "help" ? words.slice(1) : words, grammar);
  }

  const found = findCommand(words, grammar);
  if (typeof found === "string") return wrong(found);
  const { command, rest } = found;
  const known = { ...command.options, ...grammar.globals };
  const values = new Map<string, string[]>();
  for (const token of options) {
    const problem = optionProblem(token, known, values);
    if (problem !== undefined) return wrong(problem);
    values.set(token.name, [...values.get(token.name) ?? [], token.value ?? ""]);
  }
  const extra = rest[command.argument?.split(" ").length ?? 0];
  if (extra !== undefined) {
    return wrong(`Unexpected argument "${extra}" after ${command.name}`);
  }
  for (const [name, { required, value }] of Object.entries(command.options)) {
    if (required && !values.has(name)) {
      return wrong(`${command.name} requires --${name} ${value}`);
    }
  }
  return {
    type: "command",
    args: {
      command: command.name,
      argument: rest[0],
      arguments: rest,
      values: (option) => values.get(option) ?? [],
      has: (option) => values.has(option),
    },
  };
}

function findCommand(
  words: readonly string[],
  { commands, main }: Grammar,
): { readonly command: CommandSpec; readonly rest: readonly string[] } | string {
  const wanted = words.length === 0 ? [main] : words;
  for (const command of commands) {
    const name = command.name.split(" ");
    if (name.every((word, i) => word === wanted[i])) {
      return { command, rest: wanted.slice(name.length) };
    }
  }
  const names = commands.map(({ name }) => name);
  const first = wanted[0]!;
  const group = names.filter((name) => name.startsWith(`${first} `));
  if (group.length > 0) {
    const second = wanted[1];
    const seconds = group.map((name) => name.slice(first.length + 1));
    return second === undefined
      ? `"${first}" is not a command of its own (there are ${group.join(", ")})`
      : `Unknown command "${first} ${second}"` + suggestion(second, seconds, "");
  }
  const firsts = [...new Set(names.map((name) => name.split(" ")[0]!)), "help"];
  return `Unknown command "${first}"` + suggestion(first, firsts, "");
}

function helpOn(words: readonly string[], { commands }: Grammar): ParsedLine {
  if (words.length === 0) return { type: "help", topic: "" };
  const names = commands.map(({ name }) => name);
  // What follows a command's name is its argument: `workflows check NAME --help`.
  const topic = names.find((name) => `${words.join(" ")} `.startsWith(`${name} `)) ??
    words.join(" ");
  if (names.some((name) => `${name} `.startsWith(`${topic} `))) return { type: "help", topic };
  return wrong(`Unknown command "${topic}"` + suggestion(topic, names, ""));
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function optionProblem(
  { name, rawName, value, inlineValue }: OptionToken,
  known: Readonly<Record<string, OptionSpec>>,
  seen: ReadonlyMap<string, unknown>,
): string | undefined {
  const spec = Object.hasOwn(known, name) ? known[name] : undefined;
  if (spec === undefined) {
    return `Unknown option ${rawName}` + suggestion(name, Object.keys(known), "--");
  }
  if (spec.value === undefined) {
    return value === undefined ? undefined : `${rawName} takes no value`;
  }
  // `--image --text "…"`: the next option is not a file name.
  if (value === undefined || (!inlineValue && /^--?[a-z]/i.test(value))) {
    const escape = value === undefined
      ? ""
      : `; for a value that begins with a dash: ${rawName}=${value}`;
    return `${rawName} requires a value (${rawName} ${spec.value}${escape})`;
  }
  return seen.has(name) && !spec.repeatable ? `${rawName} may be set only once` : undefined;
}

/** Two typos are allowed in a short word too: the edit distance of `chekc` is 2. */
const maxTypos = 2;

function suggestion(word: string, names: readonly string[], dashes: string): string {
  const [alike] = nearest(word, names, 1);
  const name = probableName(word, names) ??
    (alike !== undefined && editDistance(word, alike) <= maxTypos ? alike : undefined);
  return name === undefined
    ? ` (there are ${names.map((each) => dashes + each).join(", ")})`
    : `; did you mean ${dashes}${name}?`;
}

function wrong(message: string): ParsedLine {
  return { type: "wrong", message };
}
