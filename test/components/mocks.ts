import * as pulumi from "@pulumi/pulumi";
import type { MockCallArgs, MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";

/** A resource as the program registered it. */
export interface Registered {
  type: string;
  name: string;
  custom: boolean;
  inputs: Record<string, unknown>;
}

interface Mocks {
  preview?: boolean;
  project?: string;
  stack?: string;
  /** What a resource answers beside its inputs; an `id` is its id. */
  outputs: (resource: MockResourceArgs) => Record<string, unknown>;
  /** Answers of the invokes that a test expects, by token; any other fails the program. */
  calls: Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>;
}

/** Puts mocks in the place of engine and providers. They record every resource and invoke that reaches them. */
export async function startMocks(mocks: Mocks): Promise<{ resources: Registered[]; calls: MockCallArgs[] }> {
  const resources: Registered[] = [];
  const calls: MockCallArgs[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        resources.push({
          type: args.type,
          name: args.name,
          custom: args.custom ?? false,
          inputs: args.inputs,
        });
        const { id, ...state } = mocks.outputs(args);
        return { id: String(id ?? `${args.name}-id`), state: { ...args.inputs, ...state } };
      },
      call: (args) => {
        calls.push(args);
        const answer = mocks.calls[args.token];
        if (!answer) throw new Error(`no test expects a call of ${args.token}`);
        return answer(args.inputs);
      },
    },
    mocks.project ?? "azure-ml-scoring",
    mocks.stack ?? "dev",
    mocks.preview ?? false,
  );
  return { resources, calls };
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export function isSecretInput(input: unknown): boolean {
  return (
    typeof input === "object" && input !== null && (input as Record<string, unknown>)[SIGNATURE] === SECRET
  );
}

/** The inputs without the envelopes around secrets. */
export function unwrapped(input: unknown): unknown {
  if (typeof input !== "object" || input === null || pulumi.Output.isInstance(input)) return input;
  if (Array.isArray(input)) return input.map(unwrapped);
  if (isSecretInput(input)) return unwrapped((input as { value: unknown }).value);
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, unwrapped(value)]));
}

/** What an output comes to: its value, or that a preview does not know it. */
export interface Settled<T> {
  known: boolean;
  value: T | undefined;
  secret: boolean;
}

/** Waits for an output; rejects when it is rejected. */
export async function settled<T>(output: pulumi.Output<T>): Promise<Settled<T>> {
  const inner = output as unknown as {
    promise(withUnknowns?: boolean): Promise<T>;
    isKnown: Promise<boolean>;
    isSecret: Promise<boolean>;
  };
  const value = await inner.promise(true);
  const known = await inner.isKnown;
  return { known, value: known ? value : undefined, secret: await inner.isSecret };
}

/** Waits until the program has registered everything; else the next test's mocks would get the rest of it. */
export async function programEnd(): Promise<void> {
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
}

/**
 * Runs a program that must fail, as the Node.js language host does: a rejected output ends it by an unhandled rejection, and
 * the same error arriving by several outputs is one error. Resolves to the messages.
 */
export async function failureOf(program: () => { scoringUrl: pulumi.Output<string> }): Promise<string[]> {
  const listeners = process.listeners("unhandledRejection");
  const errors = new Set<unknown>();
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => errors.add(error));
  try {
    await settled(program().scoringUrl).catch((error) => errors.add(error));
    await programEnd();
    // Unhandled rejections are told after the microtasks of the turn.
    await new Promise(setImmediate);
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
  return [...errors].map((error) => (error as Error).message);
}
