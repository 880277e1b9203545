import { words } from "../../../system/words.ts";
import { equalsIgnoringCase } from "../../core/text.ts";
import { shown } from "../body.ts";
import { invalidParameter } from "../errors.ts";
import type { ConnectionString } from "../model.ts";

const types = words(`SQLServer SQLAzure MySql PostgreSQL Custom RedisCache DocDb ServiceBus EventHub
  NotificationHub`);

/** Prefix under which a connection string reaches the app (Learn, "Configure connection strings"). */
function prefixOf(type: string): string {
  return `${type === "SQLServer" ? "SQL" : type.toUpperCase()}CONNSTR_`;
}

/** Connection strings, as in the array of siteConfig. */
export function readConnectionStrings(
  given: { name?: unknown; connectionString?: unknown; type?: unknown }[],
): Record<string, ConnectionString> {
  return Object.fromEntries(
    given.map(({ name, connectionString: value, type: spelled }) => {
      const type = types.find((one) => equalsIgnoringCase(one, shown(spelled)));
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
    Object.entries(strings).map(([name, { type, value }]) => [`${prefixOf(type)}${name}`, value]),
  );
}
