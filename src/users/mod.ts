/**
 * Users and groups: access, settings, drafts and presets. Owns roles and the shape of their records. Does not know Telegram's messages; the records are stored by kv/.
 */
export { type Access, type AccessStore, createAccess, Guest, type Role } from "./access.ts";
export { type Erasure, ErasureRequest, type ErasureStore, openErasure } from "./erasure.ts";
export { BotProfile, type BotProfileStore } from "./bot_profile.ts";
export { moveGroup } from "./group_migration.ts";
export { defaultPresets, type Preset } from "./presets.ts";
export {
  defaultUserSettings,
  Draft,
  JobChanges,
  languageOf,
  maxJobChanges,
  maxOvertaken,
  maxOwnPresets,
  type Overtaken,
  OvertakenDrafts,
  type OwnPreset,
  type PictureDraft,
  presetsFor,
  type Question,
  type Settings,
  UserSettings,
} from "./settings.ts";
