/**
 * The section `metrics` of config.yaml: what is told to monitoring, and at which address. Knows no metric.
 */
import { z } from "zod";
import { int, optional, section } from "../lib/schema.ts";

/** The parsed section. */
export interface MetricsConfig {
  /** Whether DATA_DIR/metrics.json is kept. */
  readonly file: boolean;
  /** Whether `/metrics`, `/healthz` and `/readyz` are served. */
  readonly serve: boolean;
  /** A name or an address without brackets. */
  readonly host: string;
  /** 0 takes any that is free; the log names it. */
  readonly port: number;
}

const HOST = "a host name or an address alone, without http:// and without a port";
const bool = z.boolean({ error: "true or false" });

export const metricsSchema = section({
  file: optional(bool, true),
  serve: optional(bool, false),
  host: optional(
    z.string({ error: HOST }).regex(
      /^(?:[A-Za-z0-9._-]+|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$/,
      {
        error: HOST,
      },
    ),
    "127.0.0.1",
  ),
  port: optional(int(0, 65_535), 9464),
});

/** What a person should know of the section, where there is something. */
export function metricsWarnings({ serve, host }: MetricsConfig): readonly string[] {
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|::1)$/i.test(host);
  return serve && !isLoopback
    ? [
      `config.yaml: metrics.host is ${host}: whoever reaches that port can read the metrics ` +
      "(wanted 127.0.0.1, or a firewall that lets only Prometheus in)",
    ]
    : [];
}
