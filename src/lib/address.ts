/** Server addresses as written in config.yaml, with or without user name and password. Connects to nothing. */
import { Secret } from "./secret.ts";

/** A whole address; the name and the password that were in it are a header. */
export interface Address {
  /** `http://host:port` or `https://host/path`: no name and password in it, no slash at its end. */
  readonly url: string;
  /** What each request carries for the door in front of it, by name in lower case. */
  readonly headers: Readonly<Record<string, Secret>>;
}

/** Reads an address such as `https://name:password@host:port/path`; undefined where it is none. */
export function parseAddress(text: string): Address | undefined {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") return;
  const { username, password, origin, pathname } = url;
  const headers = username === "" && password === "" ? {} : {
    authorization: new Secret(basic(decode(username), decode(password))),
  };
  return { url: `${origin}${pathname.replace(/\/+$/, "")}`, headers };
}

/** RFC 7617, in UTF-8. */
function basic(username: string, password: string): string {
  return `Basic ${new TextEncoder().encode(`${username}:${password}`).toBase64()}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What `parseAddress` reads, for the message of a setting. */
export const ADDRESS =
  "an address such as http://127.0.0.1:8188 or https://gpu.example.com/comfyui, " +
  "without ? and #";
