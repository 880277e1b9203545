import * as pulumi from "@pulumi/pulumi";
import { type Checks, checkedValues, type Plain } from "../arguments/arguments";

/** The stack's configuration: full key → value, as `pulumi.runtime.allConfig()` gives it. */
export type Raw = Readonly<Record<string, string>>;

/** Makes a value of the text of a setting; what it cannot make one of, it leaves to the check. */
type Parse<T> = (text: string) => T;

export const text: Parse<string> = (given) => given;

export const wholeNumber: Parse<number> = (given) => (/^\d+$/.test(given) ? Number(given) : Number.NaN);

/** YAML makes numbers and booleans of some values; Azure has strings only. */
export const map: Parse<Record<string, string>> = (given) => {
  try {
    return JSON.parse(given, (_, value) =>
      typeof value === "number" || typeof value === "boolean" ? String(value) : value,
    );
  } catch {
    return given as never;
  }
};

/** Collects errors instead of stopping at the first, so that one run shows them all. */
export class Reader {
  readonly #errors: string[] = [];
  readonly #known: string[] = [];
  readonly #raw: Raw;
  readonly #project: string;

  constructor(raw: Raw, project: string) {
    this.#raw = raw;
    this.#project = project;
  }

  /**
   * The settings of one capability, each under the name of the argument that it sets. Without those that are empty, and
   * incomplete when any is wrong: {@link finish} throws then.
   * @param required has no default but Pulumi.yaml's
   */
  group<Args>(
    checks: Checks<Args>,
    parse: { [K in keyof Args]-?: Parse<Plain<Args[K]>> },
    required: readonly (keyof Args & string)[] = [],
  ): Args {
    const values: Record<string, unknown> = {};
    for (const [setting, parsed] of Object.entries<Parse<unknown>>(parse)) {
      this.#known.push(setting);
      const given = this.#raw[this.#key(setting)];
      const isRequired = (required as readonly string[]).includes(setting);
      if (given === undefined && isRequired) {
        this.#errors.push(
          `${this.#key(setting)} is not set, and Pulumi.yaml has no default: restore it there`,
        );
      } else if (given !== undefined && (given !== "" || isRequired)) values[setting] = parsed(given);
    }
    const { checked, faults } = checkedValues(values, checks);
    for (const { argument, remedy } of faults) {
      const hidden = checks[argument as keyof Args].hidden;
      const value = hidden ? "" : ` is ${JSON.stringify(this.#raw[this.#key(argument)])}`;
      this.#errors.push(`${this.#key(argument)}${value}: ${remedy}`);
    }
    return checked as Args;
  }

  /** @throws pulumi.RunError naming every wrong setting with its value and the remedy */
  finish(): void {
    this.#checkLocation();
    this.#checkUnknown();
    if (this.#errors.length === 0) return;
    const list = this.#errors.map((error) => `  ${error}`).join("\n");
    throw new pulumi.RunError(
      `The configuration of this stack is not valid; no resource was touched.\n${list}`,
    );
  }

  #key(setting: string): string {
    return `${this.#project}:${setting}`;
  }

  #checkLocation(): void {
    const location = this.#raw["azure-native:location"];
    const remedy =
      "set the Azure region to deploy to, as in `pulumi config set azure-native:location westeurope`";
    if (!location) this.#errors.push(`azure-native:location is not set: ${remedy}`);
    else if (!/^[A-Za-z][A-Za-z0-9 ]*$/.test(location)) {
      this.#errors.push(`azure-native:location is ${JSON.stringify(location)}: ${remedy}`);
    }
  }

  /** A misspelt key would otherwise be the default without a word. */
  #checkUnknown(): void {
    for (const key of Object.keys(this.#raw)) {
      const [namespace, setting] = key.split(":", 2);
      if (namespace === this.#project && !this.#known.includes(setting ?? "")) {
        this.#errors.push(`${key} is not a setting of this project: use one of ${this.#known.join(", ")}`);
      }
    }
  }
}
