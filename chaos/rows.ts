/** The rows of trouble, in the order of the table. */
import { database } from "./servers/database.ts";
import type { ChaosRow } from "./finding.ts";
import { batches } from "./batches.ts";
import { bucket } from "./servers/bucket.ts";
import { backlog } from "./scenarios/backlog.ts";
import { clock } from "./scenarios/clock.ts";
import { comfyui } from "./scenarios/comfyui.ts";
import { crowd } from "./scenarios/crowd.ts";
import { damage } from "./scenarios/damage.ts";
import { disk } from "./scenarios/disk.ts";
import { endurance } from "./scenarios/endurance.ts";
import { kills } from "./scenarios/kills.ts";
import { outage } from "./scenarios/outage.ts";
import { pictures } from "./scenarios/pictures.ts";
import { presses } from "./scenarios/presses.ts";
import { refusals } from "./scenarios/refusals.ts";
import { secrets } from "./scenarios/secrets.ts";
import { suspend } from "./scenarios/suspend.ts";
import { queue } from "./servers/queue.ts";
import { updates } from "./scenarios/updates.ts";
import { workers } from "./servers/workers.ts";
import { stranger } from "./stranger.ts";

export const rows: readonly ChaosRow[] = [
  kills,
  outage,
  database,
  refusals,
  presses,
  batches,
  comfyui,
  clock,
  suspend,
  disk,
  damage,
  crowd,
  backlog,
  endurance,
  stranger,
  secrets,
  updates,
  pictures,
  workers,
  queue,
  bucket,
];
