import { isObject, type Json, shown } from "./body.ts";
import { invalidParameter } from "./errors.ts";
import type { ConnectionString } from "./model.ts";

/** Prefixes under which connection strings reach the app (Learn, "Configure connection strings"). */
const prefixes: Record<string, string> = {
  SQLServer: "SQLCONNSTR_",
  SQLAzure: "SQLAZURECONNSTR_",
  MySql: "MYSQLCONNSTR_",
  PostgreSQL: "POSTGRESQLCONNSTR_",
  Custom: "CUSTOMCONNSTR_",
  RedisCache: "REDISCACHECONNSTR_",
  DocDb: "DOCDBCONNSTR_",
  ServiceBus: "SERVICEBUSCONNSTR_",
  EventHub: "EVENTHUBCONNSTR_",
  NotificationHub: "NOTIFICATIONHUBCONNSTR_",
};

/** Azure's spelling of a connection string's type; undefined for an unknown one. */
function spelled(given: string): string | undefined {
  return Object.keys(prefixes).find((type) => type.toLowerCase() === given.toLowerCase());
}

/** Connection strings, as the array of siteConfig or as the map of config/connectionstrings. */
export function readConnectionStrings(given: unknown): Record<string, ConnectionString> {
  const entries: [unknown, unknown, unknown][] = Array.isArray(given)
    ? given.map((entry: Json) => [entry?.name, entry?.connectionString, entry?.type])
    : Object.entries(isObject(given) ? given : {}).map(([name, entry]) =>
        isObject(entry) ? [name, entry.value, entry.type] : [name, undefined, undefined],
      );
  return Object.fromEntries(
    entries.map(([name, value, given]) => {
      const type = spelled(shown(given));
      if (typeof name !== "string" || !name || typeof value !== "string" || !type) {
        throw invalidParameter("ConnectionStrings");
      }
      return [name, { value, type }];
    }),
  );
}

/** The variables in which the container finds them. */
export function connectionStringVariables(strings: Record<string, ConnectionString>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(strings).map(([name, { type, value }]) => [`${prefixes[type]}${name}`, value]),
  );
}
