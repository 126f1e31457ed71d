/**
 * The settings menu of a user and the parameters of a job: pages, buttons, questions for a value.
 * Owns what a button of it means. Does not know the admins' panel.
 */
export { createValueQuestions } from "./ask_value.ts";
export { askForget, pressForget } from "./forget.ts";
export { askLanguage, pressLanguage } from "./language.ts";
export { createSettingsMenu, type SettingsMenu } from "./menu.ts";
