/**
 * Which of ComfyUI's options a choice offers: of a hundred LoRAs the few that suit the model. Owns how a filter is written:
 * `*lightning*` (`*` any characters, `?` one), or `/regex/`; letter case and the kind of slash do not matter. Pure.
 */

/** True for a filter that can be read. */
export function isFilter(written: string): boolean {
  return /\S/.test(written) && patternOf(written) !== undefined;
}

/** True where one of the filters takes the option; any option where there is no filter. */
export function optionMatches(option: string, filters: readonly string[] | undefined): boolean {
  if (filters === undefined) return true;
  const path = option.replaceAll("\\", "/"); // as a ComfyUI on Windows lists a file in a folder
  return filters.some((filter) => patternOf(filter)?.test(path) ?? false);
}

function patternOf(filter: string): RegExp | undefined {
  const [, regex] = /^\/(.+)\/$/.exec(filter) ?? [];
  if (regex === undefined) {
    const glob = RegExp.escape(filter).replaceAll("\\*", ".*").replaceAll("\\?", ".");
    return new RegExp(`^${glob}$`, "is");
  }
  try {
    return new RegExp(regex, "i");
  } catch {
    return undefined;
  }
}
