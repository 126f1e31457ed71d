/** The languages of the chat. Knows no text. */

/** ISO 639-1 codes, as stored with jobs and settings. */
export const languages = ["en", "ru"] as const;

export type Language = (typeof languages)[number];
