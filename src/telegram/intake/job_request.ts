/** What a job is made of besides pictures and words: its id, its place in a chain of edits, its parameters. Pure. */
import { type Job } from "../../jobs/mod.ts";
import {
  clampParam,
  drawSeed,
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

/** What a job is made with: today's template, the person's choices, what was given for this one, a seed that is drawn. */
export function paramsFor(
  template: Template,
  chosen: ParamValues,
  given: ParamValues,
  random: () => number,
): ParamValues {
  return Object.fromEntries(
    Object.entries(specsOf(template)).map(([name, spec]) => {
      const value = clampParam(spec, given[name] ?? chosen[name] ?? spec.default);
      return [name, spec.kind === "seed" && value === 0 ? drawSeed(random) : value];
    }),
  );
}
