/** An error in Azure's words; server.ts is the one place that turns it into a response. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  /** Microsoft.Web's own errors are PascalCase and unwrapped; everybody else's are `{"error": …}`. */
  readonly envelope: "arm" | "web";
  readonly extended?: { code: string; template: string; parameters: string[] };

  constructor(
    status: number,
    code: string,
    message: string,
    options: {
      envelope?: "arm" | "web";
      extended?: { code: string; template: string; parameters: string[] };
    } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.envelope = options.envelope ?? "arm";
    this.extended = options.extended;
  }
}
