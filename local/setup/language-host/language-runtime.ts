import { type Server, type ServiceDefinition, status } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/language_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/language_pb.js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import { version } from "@pulumi/pulumi/version.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { type Method, type StreamMethod, serviceOf } from "../../net/grpc.ts";
import { installPackages } from "./packages.ts";
import type { Program } from "./program.ts";
import { requiredPlugins } from "./required-plugins.ts";

/**
 * Adds `pulumirpc.LanguageRuntime` to a server: what the engine calls for preview, up, refresh, destroy, stack,
 * install and about. The rest (making projects, packages and code) answers UNIMPLEMENTED with the method's name.
 *
 * @param engineAddress - of the engine that started us; a handshake replaces it.
 */
export function languageRuntime(server: Server, program: Program, engineAddress: string): void {
  let engine = engineAddress;
  const methods: Record<string, Method> = {
    handshake: (request: InstanceType<typeof messages.LanguageHandshakeRequest>) => {
      engine = request.getEngineAddress();
      return new messages.LanguageHandshakeResponse();
    },
    getPluginInfo: () => new plugins.PluginInfo().setVersion(version),
    getRequiredPackages: (request: InstanceType<typeof messages.GetRequiredPackagesRequest>) => {
      const response = new messages.GetRequiredPackagesResponse();
      // Attached plugins are there: the engine has none to look for, or to download.
      if (process.env.PULUMI_DEBUG_PROVIDERS) return response;
      return response.setPackagesList(requiredPlugins(request.getInfo()?.getProgramDirectory() ?? ""));
    },
    getRequiredPlugins: () => new messages.GetRequiredPluginsResponse(),
    runtimeOptionsPrompts: () => new messages.RuntimeOptionsResponse(),
    about: () => new messages.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
    getProgramDependencies: () => new messages.GetProgramDependenciesResponse(),
    run: async (request: InstanceType<typeof messages.RunRequest>) => {
      const { error = "", bail = false } = await program.run(request, engine);
      return new messages.RunResponse().setError(error).setBail(bail);
    },
    cancel: async () => {
      await program.cancel();
      return new empty.Empty();
    },
  };
  const streams: Record<string, StreamMethod> = {
    installDependencies: async (request: InstanceType<typeof messages.InstallDependenciesRequest>, call) => {
      // Older engines name the folder beside the program.
      const directory = request.getInfo()?.getProgramDirectory() || request.getDirectory();
      if (!directory) throw new Error("The engine did not say where the program is");
      await installPackages(directory, (stream, data) => {
        const answer = new messages.InstallDependenciesResponse();
        call.write(stream === "stdout" ? answer.setStdout(data) : answer.setStderr(data));
      });
    },
  };
  const service = services.LanguageRuntimeService as unknown as ServiceDefinition;
  const missing = (_: string, path: string) =>
    `${path} is not implemented by this language host: use an engine installed from pulumi.com`;
  const failure = ({ message }: Error) => ({ code: status.INTERNAL, details: message });
  server.addService(service, serviceOf(service, methods, missing, failure, streams));
}
