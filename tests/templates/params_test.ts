import fc from "fast-check";
import assert from "node:assert/strict";
import { nearest, probableName } from "../../src/lib/nearest.ts";
import {
  clampParam,
  drawSeed,
  drawSeeds,
  formatParam,
  maxSeed,
  movedParams,
  type NumberSpec,
  type ParamProblem,
  type ParamSpec,
  parseParam,
  stepParam,
} from "../../src/templates/params.ts";

const steps: NumberSpec = { kind: "int", default: 8, min: 1, max: 50, step: 1 };
const cfg: NumberSpec = { kind: "float", default: 1, min: 0.1, max: 20, step: 0.5 };
const eta: NumberSpec = { kind: "float", default: 0.5, min: 0, max: 1, step: 0.1 };
const seed: ParamSpec = { kind: "seed", default: 0, max: maxSeed };
const sampler: ParamSpec = {
  kind: "choice",
  default: "linear/euler",
  options: [
    "none",
    "multistep/res_2m",
    "exponential/euler",
    "exponential/ddim",
    "linear/euler",
    "linear/heun_2s",
    "a/twin",
    "b/twin",
  ],
};
const coreSampler: ParamSpec = {
  kind: "choice",
  default: "euler",
  options: ["euler", "heun", "res_2m"],
};
const text: ParamSpec = { kind: "text", default: "ugly", maxLength: 10 };

function valueOf(spec: ParamSpec, raw: string) {
  const parsed = parseParam(spec, raw);
  assert.ok(parsed.ok, `${raw}: ${JSON.stringify(parsed)}`);
  return parsed.value;
}

function problemOf(spec: ParamSpec, raw: string): ParamProblem {
  const parsed = parseParam(spec, raw);
  assert.ok(!parsed.ok, `${raw} was taken as ${JSON.stringify(parsed)}`);
  return parsed.problem;
}

Deno.test("parseParam() reads numbers with a point, a comma and a sign", () => {
  assert.equal(valueOf(steps, "12"), 12);
  assert.equal(valueOf(steps, " 8.0 "), 8);
  assert.equal(valueOf(cfg, "2,5"), 2.5);
  assert.equal(valueOf(cfg, "+2.25"), 2.25);
  assert.ok(Object.is(valueOf(eta, "-0"), 0));
  assert.equal(valueOf({ ...eta, min: -1 }, "−0,5"), -0.5);
  assert.equal(valueOf(eta, "1e-7"), 1e-7);
  assert.equal(valueOf(steps, "2,5E+1"), 25);
});

Deno.test("parseParam() names what is wrong with a number", () => {
  assert.deepEqual(problemOf(steps, "0"), { kind: "below_min", min: 1 });
  assert.deepEqual(problemOf(steps, "51"), { kind: "above_max", max: 50 });
  assert.deepEqual(problemOf(cfg, "0.05"), { kind: "below_min", min: 0.1 });
  assert.deepEqual(problemOf(cfg, "9".repeat(400)), { kind: "above_max", max: 20 });
  for (const raw of ["2.5", "1,000", "8.00", "25e-1"]) {
    assert.deepEqual(problemOf(steps, raw), { kind: "not_whole", raw });
  }
  for (
    const raw of ["", "many", "1e", "e3", "0x10", "Infinity", "NaN", "1 2", "12px", ".", "--1"]
  ) {
    assert.deepEqual(problemOf(steps, raw), { kind: "not_a_number", raw });
    assert.deepEqual(problemOf(cfg, raw), { kind: "not_a_number", raw });
  }
});

Deno.test("parseParam() takes the inclusive limits of a number and nothing beyond", () => {
  assert.deepEqual([valueOf(steps, "1"), valueOf(steps, "50")], [1, 50]);
  assert.deepEqual([valueOf(cfg, "0.1"), valueOf(cfg, "20")], [0.1, 20]);
});

Deno.test("parseParam() reads a seed, and every way to say random as 0", () => {
  assert.equal(valueOf(seed, "42"), 42);
  assert.equal(valueOf(seed, "9007199254740991"), Number.MAX_SAFE_INTEGER);
  for (const digits of ["9007199254740993", "9223372036854775808", "18446744073709551615"]) {
    assert.equal(valueOf(seed, digits), digits);
    assert.equal(valueOf(seed, `+00${digits}`), digits);
    assert.equal(clampParam(seed, digits), digits);
    assert.equal(formatParam(seed, digits), digits);
  }
  assert.equal(valueOf(seed, "1e19"), "10000000000000000000");
  for (const raw of ["random", "RANDOM", "случайный", "Случайный", "-1", "0"]) {
    assert.equal(valueOf(seed, raw), 0, raw);
  }
  for (const beyond of ["18446744073709551616", "9".repeat(400)]) {
    assert.deepEqual(problemOf(seed, beyond), { kind: "above_max", max: "18446744073709551615" });
  }
  const signed: ParamSpec = { kind: "seed", default: 0, max: 9223372036854775807 };
  assert.equal(valueOf(signed, "9223372036854775807"), "9223372036854775807");
  assert.deepEqual(problemOf(signed, "9223372036854775808"), {
    kind: "above_max",
    max: "9223372036854775807",
  });
  const short: ParamSpec = { kind: "seed", default: 0, max: 4294967295 };
  assert.deepEqual(problemOf(short, "4294967296"), { kind: "above_max", max: 4294967295 });
  assert.deepEqual(problemOf(seed, "-2"), { kind: "below_min", min: 0 });
  assert.deepEqual(problemOf(seed, "1.5"), { kind: "not_whole", raw: "1.5" });
  assert.deepEqual(problemOf(seed, "lucky"), { kind: "not_a_number", raw: "lucky" });
});

Deno.test("parseParam() finds an option in any letter case and without its folder, linear/ first", () => {
  assert.equal(valueOf(sampler, "LINEAR/Euler"), "linear/euler");
  assert.equal(valueOf(sampler, "euler"), "linear/euler");
  assert.equal(valueOf(sampler, "RES_2M"), "multistep/res_2m");
  assert.equal(valueOf(sampler, "ddim"), "exponential/ddim");
  assert.equal(valueOf(coreSampler, "linear/euler"), "euler");
  assert.equal(valueOf(coreSampler, "multistep/RES_2m"), "res_2m");
});

Deno.test("parseParam() prefers an option written exactly like that to one that differs in case", () => {
  const spec: ParamSpec = { kind: "choice", default: "DDIM", options: ["ddim", "DDIM"] };
  assert.equal(valueOf(spec, "DDIM"), "DDIM");
});

Deno.test("parseParam() refuses an option that is not there or could be two, and names the nearest", () => {
  const problem = problemOf(sampler, "linear/oiler");
  assert.ok(problem.kind === "not_an_option");
  assert.equal(problem.raw, "linear/oiler");
  assert.equal(problem.nearest[0], "linear/euler");
  assert.equal(problem.nearest.length, 5);

  const twin = problemOf(sampler, "twin");
  assert.ok(twin.kind === "not_an_option");
  assert.deepEqual(twin.nearest.slice(0, 2), ["a/twin", "b/twin"]);
  assert.equal(problemOf(sampler, "multistep/euler").kind, "not_an_option");
  assert.equal(problemOf(sampler, "").kind, "not_an_option");
});

Deno.test("parseParam() takes any option but none at all while the list is unknown", () => {
  const unknown: ParamSpec = { kind: "choice", default: "x", options: [] };
  assert.equal(valueOf(unknown, " some/thing "), "some/thing");
  assert.equal(problemOf(unknown, " ").kind, "not_an_option");
});

Deno.test("parseParam() takes a text up to its length, the empty one too", () => {
  assert.equal(valueOf(text, "  0123456789 "), "0123456789");
  assert.equal(valueOf(text, ""), "");
  assert.deepEqual(problemOf(text, "0123456789a"), { kind: "too_long", maxLength: 10 });
});

Deno.test("clampParam() moves stored numbers into the limits and drops what is none", () => {
  assert.equal(clampParam(steps, 99), 50);
  assert.equal(clampParam(steps, -Infinity), 1);
  assert.equal(clampParam(steps, 7.6), 8);
  assert.equal(clampParam(cfg, "2,5"), 2.5);
  assert.equal(clampParam(cfg, "100"), 20);
  for (const nonsense of [NaN, "many", null, undefined, {}, [3], true]) {
    assert.equal(clampParam(steps, nonsense), 8);
  }
});

Deno.test("clampParam() looks a stored option up again, cuts a text, and keeps only a whole seed", () => {
  assert.equal(clampParam(sampler, "ddim"), "exponential/ddim");
  assert.equal(clampParam(sampler, "gone"), "linear/euler");
  assert.equal(clampParam(sampler, 5), "linear/euler");
  assert.equal(clampParam(coreSampler, "linear/euler"), "euler");
  assert.equal(clampParam(text, "0123456789abc"), "0123456789");
  assert.equal(clampParam(text, "012345678😀"), "012345678");
  assert.equal(clampParam(text, 5), "ugly");
  assert.equal(clampParam(seed, 42), 42);
  assert.equal(clampParam(seed, "random"), 0);
  for (const nonsense of [-5, 1.5, 2 ** 60, NaN, null]) assert.equal(clampParam(seed, nonsense), 0);
});

Deno.test("stepParam() goes from multiple to multiple of the step, without float noise", () => {
  assert.equal(stepParam(steps, 8, 1), 9);
  assert.equal(stepParam(eta, 0.2, 1), 0.3);
  assert.equal(stepParam(eta, 0.3, 1), 0.4);
  assert.equal(stepParam(eta, 0.3, -1), 0.2);
  assert.equal(stepParam(cfg, 1.3, 1), 1.5);
  assert.equal(stepParam(cfg, 1.3, -1), 1);
  assert.equal(stepParam(cfg, 0.5, -1), 0.1);
  assert.equal(stepParam(cfg, 0.1, 1), 0.5);
  assert.equal(stepParam(eta, 1, 1), 1);
  assert.ok(Object.is(stepParam(eta, 0, -1), 0));
});

Deno.test("stepParam() moves at every press until the limit, and every press can be taken back", () => {
  const specs = fc.constantFrom(steps, cfg, eta, { ...eta, step: 0.05 });
  fc.assert(fc.property(specs, fc.double({ min: 0, max: 1, noNaN: true }), (spec, part) => {
    let value = stepParam(spec, spec.min + part * (spec.max - spec.min), -1);
    for (let presses = 0; value < spec.max; presses++) {
      const next = stepParam(spec, value, 1);
      assert.ok(next > value && next <= spec.max, `${value} -> ${next}`);
      assert.ok(String(next).length <= 5, `${next} has noise`);
      assert.equal(stepParam(spec, next, -1), value);
      assert.ok(presses < 100);
      value = next;
    }
  }));
});

Deno.test("formatParam() shows at least the step's decimals and loses none", () => {
  assert.equal(formatParam(cfg, 1), "1.0");
  assert.equal(formatParam(cfg, 1.25), "1.25");
  assert.equal(formatParam(steps, 8), "8");
  assert.equal(formatParam(cfg, 1e-7), "1e-7");
  assert.equal(formatParam(seed, 0), "random");
  assert.equal(formatParam(seed, 42), "42");
  assert.equal(formatParam(sampler, "linear/euler"), "linear/euler");
});

Deno.test("parseParam() reads back what formatParam() wrote", () => {
  const cases = fc.oneof(
    fc.tuple(fc.constant<ParamSpec>(steps), fc.integer({ min: 1, max: 50 })),
    fc.tuple(fc.constant<ParamSpec>(cfg), fc.integer({ min: 10, max: 2000 }).map((n) => n / 100)),
    fc.tuple(fc.constant<ParamSpec>(seed), fc.maxSafeNat()),
    fc.tuple(
      fc.constant<ParamSpec>(seed),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }).map(String),
    ),
    fc.tuple(fc.constant<ParamSpec>(sampler), fc.constantFrom("none", "a/twin", "linear/euler")),
  );
  fc.assert(fc.property(cases, ([spec, value]) => {
    assert.equal(valueOf(spec, formatParam(spec, value)), value);
  }));
});

Deno.test("parseParam() and clampParam() agree: what one takes the other keeps, whatever is written", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<ParamSpec>(steps, cfg, eta, seed, sampler, coreSampler, text),
      fc.oneof(fc.string(), fc.double().map(String), fc.anything()),
      (spec, written) => {
        const clamped = clampParam(spec, written);
        assert.ok(parseParam(spec, String(clamped)).ok, `${JSON.stringify(clamped)}`);
        if (typeof written !== "string") return;
        const parsed = parseParam(spec, written);
        if (parsed.ok) assert.equal(clamped, parsed.value);
      },
    ),
    { examples: [[eta, Number.MIN_VALUE], [seed, { toString: false }]] },
  );
});

Deno.test("drawSeed() spans 1 to 4294967295", () => {
  assert.equal(drawSeed(() => 0), 1);
  assert.equal(drawSeed(() => 1 - 2 ** -53), 4_294_967_295);
  assert.equal(drawSeed(() => 0.5), 2_147_483_648);
});

Deno.test("nearest() puts those that hold the word first, then by edit distance", () => {
  assert.deepEqual(nearest("eulr", ["dpm", "heun", "linear/euler"], 2), ["linear/euler", "heun"]);
  assert.deepEqual(nearest("HEUN", ["euler", "dpm_heun_long_name"], 1), ["dpm_heun_long_name"]);
  assert.deepEqual(nearest("x", [], 5), []);
});

Deno.test("probableName() finds a typo's word and lets a stranger be one", () => {
  const words = ["steps", "cfg", "scheduler", "negative_prompt"];
  assert.equal(probableName("stps", words), "steps");
  assert.equal(probableName("CFG", words), "cfg");
  assert.equal(probableName("sheduller", words), "scheduler");
  assert.equal(probableName("negativeprompt", words), "negative_prompt");
  assert.equal(probableName("sched", words), "scheduler");
  assert.equal(probableName("colour", words), undefined);
  assert.equal(probableName("", words), undefined);
});

Deno.test("drawSeeds() draws every seed that is random, by its kind, and leaves the others", () => {
  const seed = (value: number): ParamSpec => ({ kind: "seed", default: value, max: 2 ** 53 - 1 });
  const specs: Record<string, ParamSpec> = {
    seed: seed(0),
    noise: seed(0),
    second: seed(0),
    fixed: seed(7),
    steps: { kind: "int", default: 0, min: 0, max: 9, step: 1 },
  };
  const drawn = drawSeeds(specs, { noise: 0, second: 5, steps: 0 }, () => 0);
  assert.deepEqual(drawn, { seed: 1, noise: 1, second: 5, steps: 0 });
});

Deno.test("movedParams() keeps what was given or chosen, and takes the other template's defaults for the rest", () => {
  const from = {
    steps: { ...steps, default: 25 },
    cfg,
    seed,
    sampler: { ...sampler, default: "euler", options: [] },
  };
  const to = { steps, eta, seed, sampler };
  const move = (values: Record<string, string | number>, given: readonly string[] = []) =>
    movedParams(values, { from, to, given }, () => 0);
  const values = { steps: 25, cfg: 1, seed: 7, sampler: "euler" };
  const defaults = { steps: 8, eta: 0.5, seed: 7, sampler: "linear/euler" };
  assert.deepEqual(move(values), defaults);
  assert.deepEqual(move({ ...values, steps: 12 }), { ...defaults, steps: 12 });
  assert.deepEqual(move(values, ["steps", "cfg"]), { ...defaults, steps: 25, cfg: 1 });
  assert.deepEqual(move({ ...values, steps: 90, sampler: "heun_2s" }), {
    ...defaults,
    steps: 50,
    sampler: "linear/heun_2s",
  });
  assert.deepEqual(movedParams(values, { from: undefined, to, given: [] }, () => 0), {
    ...values,
    eta: 0.5,
    sampler: "linear/euler",
  });
});
