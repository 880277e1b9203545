import type { RequestListener } from "node:http";
import { isSameSecret } from "../../system/secrets.ts";
import type { Tokens } from "./tokens.ts";

const apiVersions = ["2019-08-01", "2017-09-01"];

/**
 * App Service's managed identity endpoint: GET ?resource=…&api-version=2019-08-01 with X-IDENTITY-HEADER.
 *
 * @param secret - what IDENTITY_HEADER says; whoever can read the process's environment has it.
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function identityEndpoint(secret: string, tokens: Tokens): RequestListener {
  return (request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
      response.end(JSON.stringify(body));
    };
    const refuse = (status: number, code: string, message: string) => {
      answer(status, { statusCode: status, code, message });
    };
    const url = URL.parse(request.url ?? "/", "http://localhost");
    if (!url) return refuse(400, "BadRequest", `The request URL '${request.url}' is not valid.`);
    if (url.pathname !== "/msi/token") return refuse(404, "NotFound", `There is nothing at ${url.pathname}.`);
    if (request.method !== "GET") return refuse(405, "MethodNotAllowed", "Only GET is supported.");
    const version = url.searchParams.get("api-version");
    if (version === null || !apiVersions.includes(version)) {
      const message = `The api-version '${version ?? ""}' is not supported; say ${apiVersions[0]}.`;
      return refuse(400, "BadRequest", message);
    }
    const given = request.headers[version === "2017-09-01" ? "secret" : "x-identity-header"];
    if (!isSameSecret(typeof given === "string" ? given : "", secret)) {
      return refuse(401, "Unauthorized", "The header X-IDENTITY-HEADER is missing or wrong.");
    }
    const resource = url.searchParams.get("resource");
    if (!resource) return refuse(400, "BadRequest", "The query parameter 'resource' is required.");
    const unknown = ["principal_id", "mi_res_id", "client_id", "object_id"].find((one) =>
      url.searchParams.has(one),
    );
    if (unknown) {
      const message = `No user-assigned identity is assigned: leave '${unknown}' out to get the system-assigned one.`;
      return refuse(400, "BadRequest", message);
    }
    const { token, expiresOn, clientId } = tokens.issue(resource);
    answer(200, {
      access_token: token,
      client_id: clientId,
      expires_on: String(expiresOn),
      resource,
      token_type: "Bearer",
    });
  };
}
