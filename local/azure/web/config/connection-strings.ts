import { shown } from "../body.ts";
import { invalidParameter } from "../errors.ts";
import type { ConnectionString } from "../model.ts";

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

/** Connection strings, as in the array of siteConfig. */
export function readConnectionStrings(
  given: { name?: unknown; connectionString?: unknown; type?: unknown }[],
): Record<string, ConnectionString> {
  return Object.fromEntries(
    given.map(({ name, connectionString: value, type: given }) => {
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
