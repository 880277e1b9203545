import { randomUUID, X509Certificate } from "node:crypto";
import { words } from "../../../system/words.ts";

/** Headers that belong to one connection and end at the front end (RFC 9110, 7.6.1). */
const hopByHop = new Set(
  words("connection keep-alive proxy-connection te trailer transfer-encoding upgrade http2-settings expect"),
);

/** Headers that only the front end may set; a client's own are dropped. */
const platformHeaders = new Set(
  words(`max-forwards x-arr-log-id client-ip x-client-ip x-client-port x-forwarded-for x-forwarded-proto
    x-appservice-proto x-forwarded-tlsversion x-arr-ssl disguised-host was-default-hostname
    x-site-deployment-id x-original-url x-waws-unencoded-url`),
);

/** What one client connection adds to each of its requests. */
export interface ClientConnection {
  address: string;
  port: number;
  /** `1.2` or `1.3`; undefined on plain HTTP. */
  tlsVersion: string | undefined;
}

/**
 * The headers of a request as the container gets them.
 *
 * @param raw - Node's rawHeaders: names and values in turn.
 * @param authority - The host that the client used.
 * @returns names and values in turn.
 */
export function requestHeaders(
  raw: readonly string[],
  authority: string,
  url: string,
  client: ClientConnection,
  site: { name: string; host: string; arrSsl: string },
): string[] {
  const dropped = connectionTokens(raw);
  const headers = ["Host", authority];
  let forwardedFor = "";
  let cookies = "";
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const value = raw[at + 1]!;
    if (name === "host" || name.startsWith(":") || hopByHop.has(name) || dropped?.has(name)) continue;
    if (name === "x-forwarded-for") forwardedFor += `${value}, `;
    // HTTP/2 clients may split cookies, HTTP/1.1 servers expect one header (RFC 9113, 8.2.3).
    else if (name === "cookie") cookies = cookies ? `${cookies}; ${value}` : value;
    else if (!platformHeaders.has(name)) headers.push(raw[at]!, value);
  }
  if (cookies) headers.push("Cookie", cookies);
  const peer = `${client.address}:${client.port}`;
  const scheme = client.tlsVersion ? "https" : "http";
  const added = {
    "Max-Forwards": "10",
    "X-ARR-LOG-ID": randomUUID(),
    "CLIENT-IP": peer,
    "X-Client-IP": client.address,
    "X-Client-Port": `${client.port}`,
    "X-Forwarded-For": forwardedFor + peer,
    "X-Forwarded-Proto": scheme,
    "X-AppService-Proto": scheme,
    "DISGUISED-HOST": authority,
    "WAS-DEFAULT-HOSTNAME": site.host,
    "X-SITE-DEPLOYMENT-ID": site.name,
    "X-Original-URL": url,
    "X-WAWS-Unencoded-URL": url,
    ...(client.tlsVersion && { "X-Forwarded-TlsVersion": client.tlsVersion, "X-ARR-SSL": site.arrSsl }),
  };
  headers.push(...Object.entries(added).flat());
  return headers;
}

/**
 * The headers of a container's response as the client gets them, names and values in turn.
 *
 * @param raw - undici's raw headers: names and values in turn, as bytes of latin1.
 */
export function responseHeaders(raw: readonly (Buffer | string)[]): string[] {
  const text = raw.map((part) => (typeof part === "string" ? part : part.toString("latin1")));
  const dropped = connectionTokens(text);
  const headers: string[] = [];
  for (let at = 0; at < text.length; at += 2) {
    const name = text[at]!.toLowerCase();
    if (hopByHop.has(name) || dropped?.has(name)) continue;
    headers.push(text[at]!, text[at + 1]!);
  }
  return headers;
}

/** X-ARR-SSL: key and hash sizes, issuer and subject of the server's certificate. */
export function arrSsl(certificate: string): string {
  const { publicKey, issuer, subject } = new X509Certificate(certificate);
  const details = publicKey.asymmetricKeyDetails;
  const curve = /(\d{3})/.exec(details?.namedCurve ?? "")?.[1];
  const names = [issuer, subject].map((name) => (name ?? "").split("\n").join(", "));
  return [details?.modulusLength ?? curve ?? "2048", "256", ...names].join("|");
}

/** Names that a Connection header lists, which end at the front end too. */
function connectionTokens(raw: readonly string[]): Set<string> | undefined {
  let tokens: Set<string> | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]!.length !== 10 || raw[at]!.toLowerCase() !== "connection") continue;
    for (const token of raw[at + 1]!.toLowerCase().split(",")) {
      const name = token.trim();
      // `Connection: host` must not cost the request what it cannot do without.
      if (name && name !== "close" && name !== "keep-alive" && name !== "host" && name !== "content-length") {
        tokens ??= new Set();
        tokens.add(name);
      }
    }
  }
  return tokens;
}
