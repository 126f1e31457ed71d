/** The environment of the process under systemd, read from the unit that `install` writes. */

/** What the systemd unit sets for the process (`Environment=NAME=value`): the allocator's settings, say. */
export async function unitEnvironment(): Promise<Record<string, string>> {
  const unit = await Deno.readTextFile(
    new URL("../../systemd/image-edit-bot.service", import.meta.url),
  );
  return Object.fromEntries(
    [...unit.matchAll(/^Environment="?([A-Z0-9_]+)=([^\s"]*)"?$/gm)]
      .map(([, name = "", value = ""]) => [name, value]),
  );
}
