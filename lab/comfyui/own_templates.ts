/** Workflows that the simulated server brings with it, as the templates package would: of our own making, for `templates`. */

const read = (name: string): unknown =>
  JSON.parse(Deno.readTextFileSync(new URL(`templates/${name}.json`, import.meta.url)));

/** The list and one workflow that edits two pictures; it runs on 0.33. */
export function ownTemplates(): Readonly<Record<string, unknown>> {
  return Object.fromEntries(["index", "night_edit"].map((name) => [name, read(name)]));
}
