import * as pulumi from "@pulumi/pulumi";
import { programError } from "./errors";

export type StringMap = pulumi.Input<Record<string, pulumi.Input<string>>>;

/** An argument's value without `undefined` and without Pulumi's outputs. */
export type Plain<T> = pulumi.Unwrap<NonNullable<T>>;

/** The check of one argument. Its functions throw an Error that says what to write instead. */
export interface ArgumentCheck<Args, T> {
  /** Returns the value as Azure spells it. */
  check: (value: T) => T;
  /** Checks the value against others of the group, which may be wrong themselves; without those that are not given. */
  against?: [others: (keyof Args)[], check: (value: T, others: Others<Args>) => void];
  /** The value may be a secret and is never shown in an error. */
  hidden?: boolean;
}

type Others<Args> = { [K in keyof Args]?: Plain<Args[K]> };

export type Checks<Args> = { [K in keyof Args]-?: ArgumentCheck<Args, Plain<Args[K]>> };

export type GroupedChecks<Groups> = { [G in keyof Groups]-?: Checks<NonNullable<Groups[G]>> };

type Values = Record<string, unknown>;
type AnyCheck = ArgumentCheck<Values, unknown>;

/**
 * The arguments of a component, checked: plain values now, before anything is declared, and outputs as soon as they are
 * known, before the resource that takes them is declared. A preview lets unknown outputs pass.
 * @param component as its errors name it
 * @throws Error naming every faulty plain value, what it is and what to write instead
 */
export function checkedArguments<Groups extends object>(
  component: string,
  groups: Groups,
  checks: GroupedChecks<Groups>,
): Groups {
  const faults: string[] = [];
  const named = (group: string, argument: string, value: unknown, hidden?: boolean) =>
    `${group}.${argument}${hidden ? "" : ` is ${JSON.stringify(value)}`}`;
  const errorOf = (fault: string) => programError(`${component}: ${fault}`);
  const checked = checkedGroups(groups, checks, named, faults, errorOf);
  if (faults.length === 0) return checked;
  throw programError([`${component} cannot be declared, and nothing of it was.`, ...faults].join("\n  "));
}

/**
 * Groups of arguments, checked as {@link checkedArguments} does.
 * @param named names an argument in an error, with its value unless that is hidden
 * @param faults takes what is wrong with plain values
 * @param errorOf makes the error for what is wrong with an output
 */
export function checkedGroups<Groups extends object>(
  groups: Groups,
  checks: GroupedChecks<Groups>,
  named: (group: string, argument: string, value: unknown, hidden?: boolean) => string,
  faults: string[],
  errorOf: (fault: string) => Error = Error,
): Groups {
  const all = { ...groups } as Record<string, Values>;
  for (const [group, table] of Object.entries<object>(checks)) {
    if (!all[group]) continue;
    const args = { ...all[group] };
    all[group] = args;
    for (const [argument, check] of Object.entries<AnyCheck>(table as never)) {
      const value = args[argument];
      const others = Object.fromEntries((check.against?.[0] ?? []).map((name) => [name, args[name]]));
      const fault = (found: unknown, hidden: boolean | undefined, error: unknown) =>
        `${named(group, argument, found, hidden)}: ${(error as Error).message.replaceAll("\n", "\n    ")}`;
      if (value === undefined) continue;
      if (!isPlain(value) || !isPlain(others)) {
        const both = pulumi.all([value, others]);
        args[argument] = both.apply(async ([found, foundOthers]) => {
          try {
            return checkedValue(found, foundOthers as Values, check);
          } catch (error) {
            throw errorOf(fault(found, check.hidden || (await pulumi.isSecret(both)), error));
          }
        });
        continue;
      }
      try {
        args[argument] = checkedValue(value, others, check);
      } catch (error) {
        faults.push(fault(value, check.hidden, error));
      }
    }
  }
  return all as Groups;
}

function checkedValue(value: unknown, others: Values, { check, against }: AnyCheck): unknown {
  if (value === undefined || value === null) throw new Error("give it a value, or leave it out");
  const checked = check(value);
  const given = Object.entries(others).filter(([, other]) => other !== undefined && other !== null);
  against?.[1](checked, Object.fromEntries(given) as never);
  return checked;
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  return Object.values(value).every(isPlain);
}
