import { words } from "../../../system/words.ts";
import { equalsIgnoringCase } from "../../core/text.ts";
import { shown } from "../body.ts";
import { invalidParameter } from "../errors.ts";
import type { ConnectionString } from "../model.ts";
import { checkUnique } from "./app-settings.ts";

const types = words(`SQLServer SQLAzure MySql PostgreSQL Custom RedisCache DocDb ServiceBus EventHub
  NotificationHub`);

/** Prefix under which a connection string reaches the app (Learn, "Configure connection strings"). */
function prefixOf(type: string): string {
  return `${type === "SQLServer" ? "SQL" : type.toUpperCase()}CONNSTR_`;
}

/** What follows the first `=` would be the variable's value. */
function canBeVariable(name: string): boolean {
  return /^[^=\p{Cc}]+$/u.test(name);
}

/** Connection strings, as in the array of siteConfig. */
export function readConnectionStrings(
  given: { name?: unknown; connectionString?: unknown; type?: unknown }[],
): Record<string, ConnectionString> {
  const entries = given.map(({ name, connectionString: value, type: spelled }) => {
    const type = types.find((one) => equalsIgnoringCase(one, shown(spelled)));
    const isText = typeof value === "string" && !value.includes("\0");
    if (typeof name !== "string" || !canBeVariable(name) || !isText || !type) {
      throw invalidParameter("ConnectionStrings");
    }
    return [name, { value, type }] as const;
  });
  checkUnique(entries.map(([name]) => name));
  return Object.fromEntries(entries);
}

/** The variables in which the container finds them. */
export function connectionStringVariables(strings: Record<string, ConnectionString>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(strings).map(([name, { type, value }]) => [`${prefixOf(type)}${name}`, value]),
  );
}
