/** The rows of trouble, in the order of the table. */
import type { ChaosRow } from "./finding.ts";
import { kills } from "./kills.ts";

export const rows: readonly ChaosRow[] = [kills];
