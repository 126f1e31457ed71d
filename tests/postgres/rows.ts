/** What is in a database, as its owner sees it. */
import { openConnection } from "../../src/postgres/database.ts";

/** The rows that a statement gives. */
export async function rowsOf<Row>(url: string, sql: string): Promise<Row[]> {
  const connection = openConnection(url);
  try {
    await connection.connect();
    return (await connection.query<Row>(sql)).rows;
  } finally {
    await connection.end();
  }
}
