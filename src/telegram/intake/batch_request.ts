/**
 * Several jobs of one request: each picture by itself with the same words, or the same with several seeds. Owns what differs
 * between them. `n=4` is written among the parameters, where the template draws seeds and has no `n` of its own.
 */
import { batchJobId, type JobRequest, type Picture } from "../../jobs/mod.ts";
import {
  clampParam,
  drawSeeds,
  type ParamSpec,
  type ParamSpecs,
  type ParamValue,
  type ParamValues,
  randomSeed,
  seedLimit,
} from "../../templates/mod.ts";
import type { ImageFetcher } from "./fetch_pictures.ts";

/** "Four at once": so many seeds has one request at most. */
export const maxSeeds = 4;

const countSpec: ParamSpec = { kind: "int", default: 1, min: 1, max: maxSeeds, step: 1 };

/** The parameters by which results differ though nothing else does; without one, several of one request make no sense. */
export function seedsOf(specs: ParamSpecs): readonly string[] {
  return Object.keys(specs).filter((name) => specs[name]?.kind === "seed");
}

/** The template's parameters, and `n`. */
export function withCount(specs: ParamSpecs): ParamSpecs {
  return seedsOf(specs).length > 0 && !Object.hasOwn(specs, "n")
    ? { ...specs, n: countSpec }
    : specs;
}

/** How many results of each picture: what the words ask for with `n`, else what was `chosen`. */
export function countIn(values: ParamValues, specs: ParamSpecs, chosen = 1): number {
  if (seedsOf(specs).length === 0) return 1;
  return Object.hasOwn(specs, "n") ? chosen : Number(values.n ?? chosen);
}

/**
 * The parameters of the `index`th of several seeds, like those of the first, `params`, but for its seeds: one that was `asked`
 * for (the user's, or the template's own) is counted on, others are drawn.
 */
export function paramsOf(
  index: number,
  params: ParamValues,
  { specs, asked, random }: {
    readonly specs: ParamSpecs;
    readonly asked: ParamValues;
    readonly random: () => number;
  },
): ParamValues {
  const changed = Object.entries(specs).flatMap(([name, spec]) => {
    if (spec.kind !== "seed") return [];
    const seed = clampParam(spec, asked[name] ?? spec.default);
    return [[name, seed === randomSeed ? seed : later(seed, index, spec.max)] as const];
  });
  return drawSeeds(specs, { ...params, ...Object.fromEntries(changed) }, random);
}

/** The seed so many after that one; after the last comes 1. */
function later(seed: ParamValue, by: number, max: number): ParamValue {
  const limit = seedLimit(max);
  const sum = BigInt(seed) + BigInt(by);
  const next = sum > limit ? sum - limit : sum;
  return next <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(next) : String(next);
}

/** What one of the jobs has of its own. */
export interface Part {
  readonly pictures: readonly Picture[];
  readonly params: ParamValues;
}

/** The requests of a batch, or the one where it has one part: all like `request`, which has the batch's id. */
export function requestsFor<R extends JobRequest>(
  request: R,
  parts: readonly Part[],
): readonly [R, ...R[]] {
  const of = parts.length;
  const requests = parts.map(({ pictures, params }, index) => ({
    ...request,
    id: batchJobId(request.id, index),
    pictures: [...pictures],
    params,
    ...(of === 1 ? {} : { batch: { id: request.id, index, of } }),
  }));
  const [first, ...others] = requests;
  return [first ?? request, ...others];
}

/** The pictures for so many jobs: each has files of its own, which go with it. */
export async function picturesFor(
  count: number,
  pictures: readonly Picture[],
  { copy }: Pick<ImageFetcher, "copy">,
): Promise<readonly (readonly Picture[])[]> {
  const all = [pictures];
  while (all.length < count) all.push(await copy(pictures, all.length));
  return all;
}
