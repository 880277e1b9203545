import type Dockerode from "dockerode";

/** One message of a build, a pull, a push or an import. */
export interface ProgressEvent {
  stream?: string;
  status?: string;
  id?: string;
  progress?: string;
  error?: string;
  errorDetail?: { message?: string };
  aux?: { ID?: string; Tag?: string; Digest?: string };
}

/** Understands BuildKit's messages too; @types/dockerode does not list it yet. */
interface Following {
  followProgress(
    stream: NodeJS.ReadableStream,
    onFinished: (error: Error | null) => void,
    onProgress: (event: ProgressEvent) => void,
  ): void;
}

/** Reads the daemon's messages to their end; rejects where one says that it failed. */
export function finished(
  docker: Dockerode,
  stream: NodeJS.ReadableStream,
  onProgress: (event: ProgressEvent) => void = () => {},
): Promise<void> {
  const daemon = docker as unknown as Following;
  return new Promise((resolve, reject) =>
    daemon.followProgress(stream, (error) => (error ? reject(error) : resolve()), onProgress),
  );
}
