/**
 * People and groups: who may use the bot, what they have chosen, what they have begun.
 * Owns roles, settings, drafts and presets. Does not know Telegram's messages; the records are stored by kv/.
 */
export { type Access, type AccessStore, createAccess, Guest, type Role } from "./access.ts";
export { moveGroup } from "./group_migration.ts";
export { defaultPresets, type Preset } from "./presets.ts";
export {
  defaultUserSettings,
  Draft,
  JobChanges,
  languageOf,
  maxJobChanges,
  maxOwnPresets,
  type Question,
  type Settings,
  UserSettings,
} from "./settings.ts";
