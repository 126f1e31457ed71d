/** The rows of trouble, in the order of the table. */
import { backlog } from "./backlog.ts";
import { clock } from "./clock.ts";
import { comfyui } from "./comfyui.ts";
import { crowd } from "./crowd.ts";
import { damage } from "./damage.ts";
import { disk } from "./disk.ts";
import { endurance } from "./endurance.ts";
import type { ChaosRow } from "./finding.ts";
import { kills } from "./kills.ts";
import { outage } from "./outage.ts";
import { pictures } from "./pictures.ts";
import { refusals } from "./refusals.ts";
import { secrets } from "./secrets.ts";
import { stranger } from "./stranger.ts";
import { suspend } from "./suspend.ts";
import { updates } from "./updates.ts";

export const rows: readonly ChaosRow[] = [
  kills,
  outage,
  refusals,
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
];
