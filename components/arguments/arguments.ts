import * as pulumi from "@pulumi/pulumi";
import { programError } from "./errors";

export type StringMap = pulumi.Input<Record<string, pulumi.Input<string>>>;

/** An argument's value without `undefined` and without Pulumi's outputs. */
export type Plain<T> = pulumi.Unwrap<NonNullable<T>>;

/** The check of one argument. Its functions throw an Error that says what to write instead. */
export interface ArgumentCheck<Args, T> {
  /** Returns the value as Azure spells it. */
  check: (value: T) => T;
  /** Checks the value against another argument of the group, which stands before it and may be wrong itself. */
  against?: { [K in keyof Args]-?: [other: K, check: (value: T, other: Plain<Args[K]>) => void] }[keyof Args];
  /** The value may be a secret and is never shown in an error. */
  hidden?: boolean;
}

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
      const other = check.against && args[check.against[0]];
      const fault = (found: unknown, hidden: boolean | undefined, error: unknown) =>
        `${named(group, argument, found, hidden)}: ${(error as Error).message}`;
      if (value === undefined) continue;
      if (!isPlain(value) || !isPlain(other)) {
        const both = pulumi.all([value, other]);
        args[argument] = both.apply(async ([found, foundOther]) => {
          try {
            return checkedValue(found, foundOther, check);
          } catch (error) {
            throw errorOf(fault(found, check.hidden || (await pulumi.isSecret(both)), error));
          }
        });
        continue;
      }
      try {
        args[argument] = checkedValue(value, other, check);
      } catch (error) {
        faults.push(fault(value, check.hidden, error));
      }
    }
  }
  return all as Groups;
}

function checkedValue(value: unknown, other: unknown, { check, against }: AnyCheck): unknown {
  if (value === undefined || value === null) throw new Error("give it a value, or leave it out");
  const checked = check(value);
  if (other !== undefined && other !== null) against?.[1](checked, other as never);
  return checked;
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  return Object.values(value).every(isPlain);
}
