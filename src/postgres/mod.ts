/**
 * The state in PostgreSQL: an ordered key-value store in one table, its schema, and which of several processes is the active one. Owns
 * SQL. Does not know what the records are for.
 */
export { type Database, openDatabase } from "./database.ts";
export { openSharedForReading, openSharedState } from "./state.ts";
