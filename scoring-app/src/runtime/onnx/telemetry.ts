/**
 * ONNX Runtime 1.30 sends telemetry unless told otherwise, and complains where its root file system is read-only.
 * Imported before the library, which reads this variable once.
 */
process.env.ORT_DISABLE_TELEMETRY ??= "1";

export {};
