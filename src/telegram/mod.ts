/**
 * The bot in Telegram: updates in, messages out.
 * Owns which update does what. Does not know ComfyUI or where records are stored; what it needs of them comes in as arguments.
 */
export { createTelegramBot, type TelegramBot } from "./bot.ts";
