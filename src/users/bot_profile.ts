/** What the bot has set of its own profile in Telegram, so that it never replaces what its owner has set there. Knows no texts. */
import { z } from "zod";

/** Version 1. What was set, by what it is and its language. */
export const BotProfile = z.object({ v: z.literal(1), set: z.record(z.string(), z.string()) });
export type BotProfile = Readonly<z.infer<typeof BotProfile>>;

/** Where it is kept over restarts. */
export interface BotProfileStore {
  load(): Promise<BotProfile | undefined>;
  save(profile: BotProfile): Promise<void>;
}
