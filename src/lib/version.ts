/** The version of this program. Owns the number and how it is shown. */

/** As in semver.org. */
export const version = "0.1.0";

/** `image-edit-bot 0.1.0 (deno 2.6.10)`. */
export function versionLine(): string {
  return `image-edit-bot ${version} (deno ${Deno.version.deno})`;
}
