/**
 * Stand-in for `pulumi-language-nodejs`, for an engine built with Go, which comes without it. The engine starts it
 * with its own address as the only operand and reads the port from its first line.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { languageRuntime } from "./language-runtime.ts";
import { Program } from "./program.ts";

const engineAddress = process.argv.slice(2).find((word) => !word.startsWith("-")) ?? "";
const program = new Program();
const server = new Server();
languageRuntime(server, program, engineAddress);

// The engine holds the other end of stdin: when it is gone, so are its programs.
process.stdin.on("end", () => void stop()).resume();
process.on("SIGINT", () => void stop());
process.on("SIGTERM", () => void stop());

server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});

async function stop(): Promise<void> {
  await program.cancel();
  server.forceShutdown();
  process.exit();
}
