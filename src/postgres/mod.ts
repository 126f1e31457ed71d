/**
 * The state in PostgreSQL: an ordered key-value store in one table, its schema, and which of several processes is the active one. Owns
 * SQL. Does not know what the records are for.
 */
export { openSharedForReading, openSharedState } from "./state.ts";
