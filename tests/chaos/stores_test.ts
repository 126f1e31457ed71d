/** Rows of the chaos run: see row_runs.ts. */
import { testRows } from "./row_runs.ts";

testRows("stores");
