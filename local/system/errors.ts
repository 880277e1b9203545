/** A tool is missing, too old or unusable: one sentence for a person, with the remedy. */
export class ToolchainError extends Error {
  override name = "ToolchainError";
}

/** The last non-empty lines of a command's output, on one line, to be quoted in a sentence. */
export function lastLines(output: string, count = 3): string {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.slice(-count).join(" / ");
}
