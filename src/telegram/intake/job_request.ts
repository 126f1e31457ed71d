/** What a job is made of besides pictures and words: its id, its place in a chain of edits, its parameters. Pure. */
import { type Job } from "../../jobs/mod.ts";
import {
  clampParam,
  drawSeeds,
  type ParamValues,
  specsOf,
  type Template,
} from "../../templates/mod.ts";
import { type BotContext } from "../api/mod.ts";

/** A job's id, made from the update that asked for it: the same update makes the same job. */
export function jobIdOf(ctx: BotContext): string {
  return ctx.update.update_id.toString(36);
}

/** The job that began the chain of edits of which this job's result is the latest link. */
export function rootOf(job: Job): string {
  return job.rootId ?? job.id;
}

/** A job's parameters: what the message gave, else what the user has chosen, else the template's default; seeds are drawn. */
export function paramsFor(
  template: Template,
  chosen: ParamValues,
  explicitParams: ParamValues,
  random: () => number,
): ParamValues {
  const specs = specsOf(template);
  const values = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      clampParam(spec, explicitParams[name] ?? chosen[name] ?? spec.default),
    ]),
  );
  return drawSeeds(specs, values, random);
}
