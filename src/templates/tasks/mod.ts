/**
 * What a template can do besides editing by a user's words, as its manifest says. Owns what a task asks of it: parameters and
 * words. Does not know who asks for it.
 */
export { withMarks } from "./marks.ts";
export { enlarge, factorsOf } from "./enlarging.ts";
