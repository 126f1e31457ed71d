/** Figure: what an owner's own templates add to the start of the process. */
import { openStand, startOf } from "../lab/load/stand.ts";
import { median } from "../lab/load/statistics.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "./figure.ts";
import { writeOwnTemplates } from "./own_templates.ts";

/** A small difference wants many. */
const pairs = 21;
const shipped = 3;
const own = 5;
const maxShare = 0.1;

export const templates: Figure = {
  name: "templates",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    tell(`templates: ${pairs} starts with ${shipped} and with ${shipped + own} templates each`);
    await using stand = await openStand({ crowd: 1, start: false });
    const { stage } = stand;
    const few: number[] = [];
    const many: number[] = [];
    // By turns: whatever else the host does weighs on both.
    for (let pair = 0; pair < pairs; pair++) {
      few.push(await startOf(stage));
      await writeOwnTemplates(stage.dir, own);
      many.push(await startOf(stage));
      await Deno.remove(`${stage.dir}/workflows`, { recursive: true });
    }
    const [fewMs, manyMs] = [median(few), median(many)];
    const share = manyMs / fewMs - 1;
    return [{
      what:
        `start of the process → first getUpdates, ${shipped + own} templates against ${shipped}, ` +
        `medians of ${pairs}`,
      limit: `≤ ${maxShare * 100} % slower`,
      ours: `${(share * 100).toFixed(1)} % (${manyMs} ms against ${fewMs} ms)`,
      verdict: atMost(share, maxShare),
      values: { share, manyMs, fewMs },
    }];
  },
};
