/** The part of the driver `pg` that is used (node-postgres.com/apis); its own package has no types, and others' bring all of Node's. */

export interface ClientConfig {
  readonly connectionString?: string;
  readonly application_name?: string;
  readonly connectionTimeoutMillis?: number;
  readonly query_timeout?: number;
  readonly keepAlive?: boolean;
  /** Command-line options of the session: `-c search_path=…`. */
  readonly options?: string;
}

export interface QueryResult<Row> {
  readonly rows: Row[];
  readonly rowCount: number | null;
}

interface Queryable {
  query<Row = unknown>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>;
  query<Row = unknown>(
    query: {
      readonly text: string;
      readonly values: readonly unknown[];
      /** Milliseconds, in place of the client's. */
      readonly query_timeout: number | undefined;
    },
  ): Promise<QueryResult<Row>>;
  on(event: "error", listener: (error: Error) => void): this;
}

export interface Client extends Queryable {
  connect(): Promise<void>;
  end(): Promise<void>;
}

export interface PoolClient extends Queryable {
  release(): void;
  /** Undocumented; other libraries use it too. Its end is an "error" of the client. */
  readonly connection: { readonly stream: { destroy(): void } };
}

export interface Pool extends Queryable {
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "acquire", listener: (client: PoolClient) => void): this;
  on(event: "release", listener: (error: unknown, client: PoolClient) => void): this;
  connect(): Promise<PoolClient>;
  end(): Promise<void>;
}

/** What the server answers in place of a result; `code` is its SQLSTATE. */
export interface DatabaseError extends Error {
  readonly code?: string;
}

declare const pg: {
  readonly Client: new (config: ClientConfig) => Client;
  readonly Pool: new (config: ClientConfig & { readonly max?: number }) => Pool;
  readonly DatabaseError: new (...args: never) => DatabaseError;
};
export default pg;
