/** A certificate for localhost that nobody has signed, as owners make them for their own servers. */

const read = (name: string) =>
  Deno.readTextFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** For Deno.serve: this host alone, over TLS. */
export const tlsOptions = {
  hostname: "127.0.0.1",
  cert: read("self_signed.pem"),
  key: read("self_signed_key.pem"),
};
