import {
  type handleUnaryCall,
  type Server,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/language_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/language_pb.js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import { version } from "@pulumi/pulumi/version.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Program } from "./program.ts";

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

/**
 * Adds `pulumirpc.LanguageRuntime` to a server: what the engine calls for preview, up, refresh, destroy, stack and
 * about. The rest (making projects, packages and code) answers UNIMPLEMENTED with the method's name.
 *
 * @param engineAddress - of the engine that started us; a handshake replaces it.
 */
export function languageRuntime(server: Server, program: Program, engineAddress: string): void {
  let engine = engineAddress;
  const methods: Record<string, Handler<never, unknown>> = {
    handshake: (request: InstanceType<typeof messages.LanguageHandshakeRequest>) => {
      engine = request.getEngineAddress();
      return new messages.LanguageHandshakeResponse();
    },
    getPluginInfo: () => new plugins.PluginInfo().setVersion(version),
    // The providers are attached by PULUMI_DEBUG_PROVIDERS: the engine has no plugin to look for, or to download.
    getRequiredPackages: () => new messages.GetRequiredPackagesResponse(),
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
  const service = services.LanguageRuntimeService as unknown as ServiceDefinition;
  server.addService(service, implementation(service, methods));
}

function implementation(
  service: ServiceDefinition,
  methods: Record<string, Handler<never, unknown>>,
): UntypedServiceImplementation {
  const names = Object.keys(service);
  return Object.fromEntries(names.map((name) => [name, unary(service[name]!.path, methods[name])]));
}

function unary(
  path: string,
  handler: Handler<never, unknown> | undefined,
): handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    if (!handler) {
      const details = `${path} is not implemented by this language host: use an engine installed from pulumi.com`;
      // A stream has no callback; its call takes the error.
      const error = Object.assign(new Error(details), { code: status.UNIMPLEMENTED, details });
      return callback ? callback(error) : call.emit("error", error);
    }
    Promise.resolve(call.request as never)
      .then(handler)
      .then(
        (response) => callback(null, response),
        (error: Error) => callback({ code: status.INTERNAL, details: error.message }),
      );
  };
}
