// Plain JavaScript: dependencies.mjs needs it too, with a Node that may not run TypeScript.
import http from "node:http";

/** This machine, as a URL's host may say it. Node's fetch compares with the brackets, the others without. */
const thisMachine = ["localhost", "127.0.0.1", "::1", "[::1]"];

/**
 * Makes this process, and every one that it starts, reach this machine without a proxy and everything else by the
 * one that the environment names. To be called before the first request.
 */
export function useEnvironmentProxy() {
  Object.assign(process.env, proxyVariables(process.env), directVariables(process.env));
  const { http_proxy, https_proxy, no_proxy } = process.env;
  const [forHttp, forHttps] = [http_proxy, https_proxy].map(forNode);
  // Node reads the variables when it starts, where NODE_USE_ENV_PROXY is set: too early for what is written here.
  // Node before 24.14, which the scripts run with only where npm has no newer one, lacks the function.
  if (forHttp || forHttps)
    http.setGlobalProxyFromEnv?.({ http_proxy: forHttp, https_proxy: forHttps, no_proxy });
}

/**
 * The proxies that an environment names, as every program reads them: apt and curl want lower case, others upper
 * case, and Node, Go and npm do not know ALL_PROXY.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Record<string, string>} nothing where it names none.
 */
export function proxyVariables(environment) {
  /** @type {Record<string, string>} */
  const variables = {};
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]) {
    const value = eitherCase(environment, name) || eitherCase(environment, "ALL_PROXY");
    if (value) Object.assign(variables, inBothCases(name, value));
  }
  return variables;
}

/**
 * The variables that keep a program from reaching this machine by a proxy; what they exempt already stays exempt.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Record<string, string>}
 */
export function directVariables(environment) {
  const exempt = [...entries(environment.no_proxy), ...entries(environment.NO_PROXY)];
  // Alone it means every host; beside others, to some programs, nothing.
  const all = exempt.includes("*");
  const direct = all ? "*" : [...new Set([...exempt, ...thisMachine])].join(",");
  // gRPC's own list takes precedence over no_proxy, and knows no "*".
  const own = entries(environment.no_grpc_proxy);
  const grpc = [...new Set([...(own.length > 0 ? own : exempt), ...thisMachine])].join(",");
  return { ...inBothCases("NO_PROXY", direct), no_grpc_proxy: grpc };
}

/**
 * Build arguments by which what a Dockerfile runs reaches the network: Docker knows them without an ARG, keeps them
 * out of the image, and does not build anew for another value. A proxy that listens on this machine's loopback
 * address is none to a container, whose loopback is its own.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Record<string, string>}
 */
export function buildProxies(environment) {
  /** @type {Record<string, string>} */
  const proxies = {};
  const named = proxyVariables(environment);
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY"]) {
    const value = named[name];
    if (value && !isThisMachine(value)) Object.assign(proxies, inBothCases(name, value));
  }
  if (Object.keys(proxies).length === 0) return {};
  return Object.assign(proxies, inBothCases("NO_PROXY", String(directVariables(environment).NO_PROXY)));
}

/**
 * Variables whose values are URLs, for somebody who is not to get the user and password in them.
 *
 * @param {NodeJS.ProcessEnv} variables
 * @returns {Record<string, string>} without those that are not set.
 */
export function withoutCredentials(variables) {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value.replace(/^([a-z0-9+.-]+:\/\/)?[^/?#]*@/i, "$1")]],
    ),
  );
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} name - in upper case.
 */
function eitherCase(environment, name) {
  // Most programs look at lower case first.
  return environment[name.toLowerCase()] || environment[name];
}

/**
 * @param {string} name - in upper case.
 * @param {string} value
 * @returns {Record<string, string>}
 */
function inBothCases(name, value) {
  return { [name]: value, [name.toLowerCase()]: value };
}

/** @param {string | undefined} list - hosts, with commas between them. */
function entries(list) {
  return (list || "").split(",").flatMap((entry) => entry.trim() || []);
}

/** @param {string} proxy - a URL, or HOST:PORT. */
function isThisMachine(proxy) {
  const host = parse(proxy)?.hostname;
  return host !== undefined && (thisMachine.includes(host) || host.startsWith("127."));
}

/**
 * The URL of a proxy that Node can use; others are left to the programs that can.
 *
 * @param {string | undefined} proxy
 */
function forNode(proxy) {
  const url = proxy ? parse(proxy) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

/** @param {string} proxy - curl and Go take HOST:PORT for a URL too. */
function parse(proxy) {
  try {
    return new URL(proxy.includes("://") ? proxy : `http://${proxy}`);
  } catch {
    return undefined;
  }
}
