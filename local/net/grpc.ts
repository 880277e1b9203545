import grpc, {
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";

/** Answers one method of a service; what it throws becomes the call's error. */
// biome-ignore lint/suspicious/noExplicitAny: each method has a request of its own.
export type Method = (request: any, call: ServerUnaryCall<any, unknown>) => unknown;
/** The same for a method whose answer is a stream: it writes to the call. */
// biome-ignore lint/suspicious/noExplicitAny: each method has a request of its own.
export type StreamMethod = (request: any, call: ServerWritableStream<any, any>) => Promise<void>;

/**
 * A gRPC service's implementation by functions.
 *
 * @param missing - what to say of a method that has none, by its key and path: it answers UNIMPLEMENTED.
 * @param failure - what the client is told of an error.
 * @param streams - the methods whose answers are a stream.
 */
export function serviceOf(
  definition: object,
  methods: Record<string, Method>,
  missing: (key: string, path: string) => string,
  failure: (error: Error) => Partial<ServiceError>,
  streams: Record<string, StreamMethod> = {},
): UntypedServiceImplementation {
  const bound = Object.entries(definition).map(([key, { path }]): [string, UntypedHandleCall] => {
    const [method, stream] = [methods[key], streams[key]];
    if (method) {
      return [
        key,
        (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
          (async () => method(call.request, call))().then(
            (response) => callback(null, response),
            (error: Error) => callback(failure(error)),
          );
        },
      ];
    }
    if (stream) {
      return [
        key,
        (call: ServerWritableStream<unknown, unknown>) => {
          stream(call.request, call).then(
            () => call.end(),
            (error: Error) => call.emit("error", failure(error)),
          );
        },
      ];
    }
    const details = missing(key, path);
    const error = Object.assign(new Error(details), { code: grpc.status.UNIMPLEMENTED, details });
    // A stream has no callback; its call takes the error.
    return [
      key,
      (call: ServerUnaryCall<unknown, unknown>, callback?: sendUnaryData<unknown>) =>
        void (callback ? callback(error) : call.emit("error", error)),
    ];
  });
  return Object.fromEntries(bound);
}
