/**
 * One ComfyUI in config.yaml or .env: host and port, or a URL with headers. Owns the substitution of `${NAME}`. No message contains
 * the value of a header or a password. Does not know ComfyUI's API.
 */
import { z } from "zod";
import { ADDRESS, type Address, parseAddress, Secret } from "../lib/mod.ts";
import { filled, int, optional, parsed, section } from "../lib/yaml/mod.ts";
import type { WakeAddress } from "../wake/mod.ts";
import { hostSchema, portSchema } from "./env.ts";

/** One ComfyUI. */
export interface BackendConfig extends Address {
  /** Unique among the backends. */
  readonly name: string;
  /** Where the packet goes that wakes its machine (wake-on-LAN). */
  readonly wake?: WakeAddress;
}

const MAC = "a MAC address, such as aa:bb:cc:dd:ee:ff";
const mac = filled(MAC).pipe(
  z.string().regex(/^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i, { error: MAC }),
);
const wholeNetwork = "255.255.255.255";
const discardPort = 9;
const wakeSchema = z.union([
  mac.transform((mac) => ({ mac, address: wholeNetwork, port: discardPort })),
  section({
    mac,
    address: optional(z.ipv4({ error: "an IPv4 address, such as 192.168.1.255" }), wholeNetwork),
    port: optional(int(1, 65_535), discardPort),
  }),
], {
  error: `${MAC}, or { mac: aa:bb:cc:dd:ee:ff, address: 192.168.1.255, port: 9 }`,
});

/** Headers that the HTTP client writes itself. */
const OWN_HEADERS =
  /^(host|connection|upgrade|content-(length|type|encoding)|transfer-encoding|te|trailer|keep-alive|sec-websocket-.*)$/i;
const HEADERS = 'names with texts, such as Authorization: "Bearer ${COMFYUI_KEY}"';

/** Issues are reported for the map as a whole: a value may be a secret, and no message may show it. */
const headersSchema = z.unknown().optional().transform((value, context) => {
  const refuse = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  const result = z.record(z.string(), z.union([z.string(), z.number()])).safeParse(value ?? {});
  if (!result.success) return refuse(HEADERS);
  for (const name of Object.keys(result.data)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      return refuse(`${HEADERS}; "${name}" is not a header name`);
    }
    if (OWN_HEADERS.test(name)) {
      return refuse(`other headers than ${name}, which is written anyway`);
    }
  }
  return Object.fromEntries(Object.entries(result.data).map(([name, text]) => [name, `${text}`]));
});

/** An item of comfyui.backends; `headers` unchanged, for `withVariables`. */
export const backendSchema = section({
  name: filled("a short display name").pipe(
    z.string().regex(/^[\p{L}\p{N}_.-]{1,32}$/u, {
      error: "up to 32 letters, digits and _ . -",
    }),
  ),
  host: hostSchema.nullish(),
  port: portSchema.nullish(),
  url: parsed(ADDRESS, parseAddress).nullish(),
  headers: headersSchema,
  wake: wakeSchema.nullish(),
}).superRefine(({ host, port, url }, context) => {
  if (!host === !url) {
    const message = host ? "host and port, or url, and not both" : "host, or url";
    context.addIssue({ code: "custom", path: [host ? "url" : "host"], message });
  } else if (url && port) {
    context.addIssue({ code: "custom", path: ["port"], message: "the port in url" });
  }
}).transform(({ name, host, port, url, headers, wake }) => ({
  name,
  url: url?.url ?? `http://${host}:${port ?? 8188}`,
  headers: url?.headers ?? {},
  written: headers,
  ...wake && { wake },
}));

type WrittenBackend = z.output<typeof backendSchema>;

/** The text with the values of its `${NAME}`; a problem for each that is not set. */
export function substitute(
  text: string,
  setting: string,
  { variable, problems }: {
    readonly variable: (name: string) => string | undefined;
    readonly problems: string[];
  },
): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const found = variable(name);
    if (!found) {
      problems.push(`Cannot use ${setting}: \${${name}} is not set (wanted ${name}=… in .env)`);
    }
    return found ?? "";
  });
}

/** Substitutes the variables in the headers; a problem for each that is not set or not valid in a header. */
export function withVariables(
  { name, url, headers, written, wake }: WrittenBackend,
  variable: (name: string) => string | undefined,
): { readonly backend: BackendConfig; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const values = Object.entries(written).map(([header, text]) => {
    const value = substitute(text, `headers.${header} of the backend ${name}`, {
      variable,
      problems,
    })
      .trim();
    // RFC 9110, section 5.5; fetch() rejects anything else.
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      problems.push(
        `Cannot use headers.${header} of the backend ${name}: its value has a line break or a character that is not allowed in a header`,
      );
    }
    return [header.toLowerCase(), new Secret(value)] as const;
  });
  return {
    backend: {
      name,
      url,
      headers: { ...headers, ...Object.fromEntries(values) },
      ...wake && { wake },
    },
    problems,
  };
}

/** Every secret that a backend's headers hold: the whole value, and what follows the scheme ("Bearer …"). */
export function secretsOfBackend({ headers }: BackendConfig): Secret[] {
  return Object.values(headers).flatMap((value) => {
    const [, credentials] = /^\S+ +(\S.*)$/.exec(value.reveal()) ?? [];
    return credentials === undefined ? [value] : [value, new Secret(credentials)];
  });
}
