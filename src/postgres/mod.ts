/**
 * The state in PostgreSQL: an ordered key-value store in one table, its schema, and which of several processes is the active one; and the
 * history of jobs, in tables and views of its own. Owns SQL. Does not know what the state's records are for.
 */
export { type Database, openDatabase } from "./database.ts";
export { type HistoryProbe, type JobHistory, openHistory, probeHistory } from "./history.ts";
export { openSharedForReading, openSharedState, probeState, type StateProbe } from "./state.ts";
