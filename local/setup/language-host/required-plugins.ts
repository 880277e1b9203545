import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";

/** The `pulumi` member of a package's package.json. */
interface Section {
  resource?: boolean;
  name?: string;
  version?: string;
  server?: string;
}

/** The plugins that a program's npm packages say they need, as Pulumi's own language host finds them. */
export function requiredPlugins(directory: string): InstanceType<typeof plugins.PackageDependency>[] {
  return packagesIn(join(directory, "node_modules")).map(({ name, version, pulumi }) =>
    new plugins.PackageDependency()
      .setKind("resource")
      .setName(pulumi.name ?? name.replace(/^@pulumi\//, ""))
      .setVersion(`v${(pulumi.version ?? version).replace(/^v/, "")}`)
      .setServer(pulumi.server ?? ""),
  );
}

/** Packages with a resource plugin in a folder `node_modules` or a scope's, and in what their own folders hold. */
function packagesIn(
  folder: string,
  seen = new Set<string>(),
): { name: string; version: string; pulumi: Section }[] {
  // A workspace's link may lead back to where it stands.
  const real = existsSync(folder) ? realpathSync(folder) : "";
  if (real === "" || seen.has(real)) return [];
  seen.add(real);
  return readdirSync(folder).flatMap((entry) => {
    const path = join(folder, entry);
    if (entry.startsWith("@")) return packagesIn(path, seen);
    const file = join(path, "package.json");
    if (!existsSync(file)) return [];
    const described = JSON.parse(readFileSync(file, "utf8"));
    return [
      ...(described.pulumi?.resource ? [described] : []),
      ...packagesIn(join(path, "node_modules"), seen),
    ];
  });
}
