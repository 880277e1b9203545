import grpc, {
  type handleUnaryCall,
  type ServerUnaryCall,
  type ServiceError,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";

/** Answers one method of a service; what it throws becomes the call's error. */
// biome-ignore lint/suspicious/noExplicitAny: each method has a request of its own.
export type Method = (request: any, call: ServerUnaryCall<any, unknown>) => unknown;

/**
 * A gRPC service's implementation by functions.
 *
 * @param missing - what to say of a method that has none, by its key and path: it answers UNIMPLEMENTED.
 * @param failure - what the client is told of an error.
 */
export function serviceOf(
  definition: object,
  methods: Record<string, Method>,
  missing: (key: string, path: string) => string,
  failure: (error: Error) => Partial<ServiceError>,
): UntypedServiceImplementation {
  const bound = Object.entries(definition).map(
    ([key, { path }]): [string, handleUnaryCall<unknown, unknown>] => {
      const method = methods[key];
      if (method) {
        return [
          key,
          (call, callback) => {
            (async () => method(call.request, call))().then(
              (response) => callback(null, response),
              (error: Error) => callback(failure(error)),
            );
          },
        ];
      }
      const details = missing(key, path);
      const error = Object.assign(new Error(details), { code: grpc.status.UNIMPLEMENTED, details });
      // A stream has no callback; its call takes the error.
      return [key, (call, callback) => void (callback ? callback(error) : call.emit("error", error))];
    },
  );
  return Object.fromEntries(bound);
}
