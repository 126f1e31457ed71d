/**
 * Files of YAML: parsing them by a schema, and the kinds of fields that such a schema is made of. A room of its own, so that
 * what needs neither loads no YAML parser and no zod. Does not know any key of ours.
 */
export { filled, float, int, optional, parsed, section } from "./schema.ts";
export { allowedKeysMessage, parseYamlText, type SourceText } from "./yaml_file.ts";
