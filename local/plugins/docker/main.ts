/**
 * The docker plugin's stand-in alone, for the program of a commit: in a container where the commit's files are all there is to
 * read, whatever a link leads to, and whatever is changed while it is read. Prints its port.
 */
import { createRequire } from "node:module";
import Dockerode from "dockerode";
import { servePlugin } from "../plugin-server.ts";
import { dockerPlugin } from "./plugin.ts";

const [projectDirectory = "", buildProxies = "{}"] = process.argv.slice(2);
const docker = new Dockerode();
const { port } = await servePlugin({
  name: "docker",
  version: createRequire(import.meta.url)("@pulumi/docker/package.json").version,
  port: 0,
  create: (engine) =>
    dockerPlugin({ docker, projectDirectory, buildProxies: JSON.parse(buildProxies), guarded: true }, engine),
  log: console.error,
});
process.stdout.write(`${port}\n`);
