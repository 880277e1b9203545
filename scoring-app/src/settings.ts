import { inAppFolder } from "./app-folder.ts";

/** Everything that the environment may set; the README's table explains each. */
export interface Settings {
  port: number;
  modelDirectory: string;
  entryScript: string | undefined;
  /** Folder of an MLflow model, which has a file MLmodel. */
  mlflowModel: string | undefined;
  /** Runs an entry script in Python, or an MLflow model. */
  python: string;
  modelName: string | undefined;
  /** Hash of image digest and settings, returned as x-scoring-revision, so that a deployment knows who answers. */
  revision: string | undefined;
  serviceName: string;
  serviceVersion: string;
  /** Value of x-ms-server-version. */
  serverVersion: string;
  workers: number;
  scoringTimeoutMs: number;
  corsOrigins: string[];
  docs: boolean;
  metrics: boolean;
  accessLog: "none" | "failures" | "all";
  gather: "auto" | "always" | "never";
  maxBodyBytes: number;
  maxRows: number;
  maxQueue: number;
  maxQueueMs: number;
  maxQueueBytes: number;
  maxConnections: number;
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  shutdownGraceMs: number;
}

type Environment = Record<string, string | undefined>;

/**
 * Reads the settings.
 * @throws Error naming every variable that is wrong, its value and what is expected.
 */
export function readSettings(env: Environment): Settings {
  const problems: string[] = [];
  const text = (name: string) => env[name] || undefined;
  const integer = (name: string, fallback: number, least: number, most: number) => {
    const value = text(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return number;
    problems.push(`${name}=${value}: expected an integer from ${least} to ${most}`);
    return fallback;
  };
  const flag = (name: string, fallback: boolean) => {
    const value = text(name);
    if (value === undefined) return fallback;
    if (value === "true" || value === "false") return value === "true";
    problems.push(`${name}=${value}: expected true or false`);
    return fallback;
  };
  const choice = <T extends string>(name: string, fallback: T, words: [T, T, T]): T => {
    const value = text(name) ?? fallback;
    const found = words.find((word) => word === value);
    if (found === undefined)
      problems.push(`${name}=${value}: expected ${words[0]}, ${words[1]} or ${words[2]}`);
    return found ?? fallback;
  };
  const revision = text("SCORING_REVISION");
  if (revision && !/^[\x21-\x7e]{1,200}$/.test(revision)) {
    problems.push("SCORING_REVISION: expected 1 to 200 printable characters without spaces");
  }
  const serverVersion = text("HTTP_X_MS_SERVER_VERSION") ?? "azure-ml-scoring/0.1.0";
  if (!/^[\x20-\x7e]{1,200}$/.test(serverVersion)) {
    problems.push("HTTP_X_MS_SERVER_VERSION: expected 1 to 200 printable characters");
  }
  const day = 24 * 3600 * 1000;
  const settings: Settings = {
    port: integer("PORT", integer("WEBSITES_PORT", 8080, 1, 65535), 0, 65535),
    modelDirectory: text("AZUREML_MODEL_DIR") ?? inAppFolder("model"),
    entryScript: text("AZUREML_ENTRY_SCRIPT"),
    mlflowModel: text("MLFLOW_MODEL"),
    python: text("PYTHON") ?? "python3",
    modelName: text("MODEL_NAME"),
    revision,
    serviceName: text("SERVICE_NAME") ?? "ML service",
    serviceVersion: text("SERVICE_VERSION") ?? "1.0",
    serverVersion,
    workers: integer("WORKER_COUNT", 1, 1, 64),
    scoringTimeoutMs: integer("SCORING_TIMEOUT_MS", 60_000, 1, day),
    corsOrigins: (text("AML_CORS_ORIGINS") ?? "")
      .split(",")
      .flatMap((origin) => origin.trim().toLowerCase() || []),
    docs: flag("DOCS_ENABLED", true),
    metrics: flag("METRICS_ENABLED", true),
    accessLog: choice("ACCESS_LOG", "failures", ["none", "failures", "all"]),
    gather: choice("GATHER", "auto", ["auto", "always", "never"]),
    maxBodyBytes: integer("MAX_BODY_BYTES", 16 * 1024 * 1024, 1, 1024 ** 3),
    maxRows: integer("MAX_ROWS", 100_000, 1, 100_000_000),
    maxQueue: integer("MAX_QUEUE", 4096, 1, 1_000_000),
    maxQueueMs: integer("MAX_QUEUE_MS", 1000, 1, day),
    maxQueueBytes: integer("MAX_QUEUE_BYTES", 64 * 1024 * 1024, 1, 1024 ** 4),
    maxConnections: integer("MAX_CONNECTIONS", 2000, 1, 1_000_000),
    headersTimeoutMs: integer("HEADERS_TIMEOUT_MS", 10_000, 1, day),
    requestTimeoutMs: integer("REQUEST_TIMEOUT_MS", 60_000, 1, day),
    shutdownGraceMs: integer("SHUTDOWN_GRACE_MS", 4500, 1, day),
  };
  if (settings.entryScript && settings.mlflowModel) {
    problems.push("AZUREML_ENTRY_SCRIPT and MLFLOW_MODEL: expected one of them, since either answers /score");
  }
  if (settings.requestTimeoutMs < settings.headersTimeoutMs) {
    problems.push("REQUEST_TIMEOUT_MS: expected at least HEADERS_TIMEOUT_MS");
  }
  if (problems.length > 0) throw new Error(`settings: ${problems.join("; ")}`);
  return settings;
}
