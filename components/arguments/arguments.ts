import * as pulumi from "@pulumi/pulumi";
import { programError } from "./errors";

/**
 * Checks a value.
 * @returns the value as Azure spells it
 * @throws Error saying what to write instead
 */
export type Check<T> = (value: T) => T;

/** A check of one argument. */
export interface ArgumentCheck<Args, T> {
  check: Check<T>;
  /** Then checks it against another argument of the same group, which stands before it. */
  against?: { [K in keyof Args]-?: [other: K, check: (value: T, other: Plain<Args[K]>) => void] }[keyof Args];
  /** Its value may be a secret and is never shown. */
  hidden?: boolean;
}

/** An argument's value without `undefined` and without Pulumi's outputs. */
export type Plain<T> = pulumi.Unwrap<NonNullable<T>>;

/** A check for every argument of a group. */
export type Checks<Args> = { [K in keyof Args]-?: ArgumentCheck<Args, Plain<Args[K]>> };

/** Checks for the groups of a component's arguments, and for the arguments outside any group. */
export type GroupedChecks<Args> = {
  [K in keyof Args]-?: ArgumentCheck<Args, Plain<Args[K]>> | Checks<NonNullable<Args[K]>>;
};

/** What is wrong with an argument. */
export interface Fault {
  /** Name of the argument. */
  argument: string;
  /** What to write instead. */
  remedy: string;
}

type Values = Record<string, unknown>;
type AnyChecks = Record<string, ArgumentCheck<Values, unknown> | Record<string, unknown>>;

/**
 * The arguments of a component, checked: plain values now, before anything is declared, and outputs as soon as they are
 * known, before the resource that takes them is declared. A preview lets unknown outputs pass.
 * @param component as its errors name it
 * @throws Error naming every faulty plain value, what it is and what to write instead
 */
export function checkedArguments<Args extends object>(
  component: string,
  args: Args,
  checks: GroupedChecks<Args>,
): Args {
  const faults: string[] = [];
  const checked = checkedGroup(args as Values, checks as AnyChecks, { component, path: "", faults });
  if (faults.length === 0) return checked as Args;
  const list = faults.map((fault) => `  ${fault}`).join("\n");
  throw programError(`${component} cannot be declared, and nothing of it was.\n${list}`);
}

/**
 * The plain values of a group, checked.
 * @returns the values without the faulty ones, and the faults in the order of the checks
 */
export function checkedValues<Args>(
  values: Values,
  checks: Checks<Args>,
): { checked: Values; faults: Fault[] } {
  const checked: Values = {};
  const faults: Fault[] = [];
  for (const [argument, check] of Object.entries(checks) as [string, ArgumentCheck<Values, unknown>][]) {
    if (values[argument] === undefined) continue;
    try {
      checked[argument] = checkedValue(values[argument], check, checked);
    } catch (error) {
      faults.push({ argument, remedy: (error as Error).message });
    }
  }
  return { checked, faults };
}

function checkedValue(
  value: unknown,
  { check, against }: ArgumentCheck<Values, unknown>,
  others: Values,
): unknown {
  if (value === undefined || value === null) throw new Error("give it a value, or leave it out");
  const checked = check(value);
  if (against && others[against[0]] !== undefined) against[1](checked, others[against[0]] as never);
  return checked;
}

interface Scope {
  component: string;
  /** Of the group, with a dot at the end. */
  path: string;
  faults: string[];
}

function checkedGroup(args: Values, checks: AnyChecks, scope: Scope): Values {
  const checked: Values = { ...args };
  for (const [name, check] of Object.entries(checks)) {
    const value = args[name];
    if (value === undefined) continue;
    if (!isArgumentCheck(check)) {
      const path = `${scope.path}${name}.`;
      checked[name] = checkedGroup(value as Values, check as AnyChecks, { ...scope, path });
      continue;
    }
    const other = check.against && checked[check.against[0]];
    if (isPlain(value) && isPlain(other)) {
      try {
        checked[name] = checkedValue(value, check, checked);
      } catch (error) {
        scope.faults.push(faultText(scope.path + name, value, check.hidden, error as Error));
        delete checked[name];
      }
    } else checked[name] = onceKnown(value, other, name, check, scope);
  }
  return checked;
}

function onceKnown(
  value: unknown,
  other: unknown,
  name: string,
  check: ArgumentCheck<Values, unknown>,
  { component, path }: Scope,
): pulumi.Output<unknown> {
  const both = pulumi.all([value, other]);
  return both.apply(async ([known, knownOther]) => {
    try {
      return checkedValue(known, check, check.against ? { [check.against[0]]: knownOther } : {});
    } catch (error) {
      const hidden = check.hidden || (await pulumi.isSecret(both));
      throw programError(`${component}: ${faultText(path + name, known, hidden, error as Error)}`);
    }
  });
}

function faultText(
  argument: string,
  value: unknown,
  hidden: boolean | undefined,
  { message }: Error,
): string {
  return `${argument}${hidden ? "" : ` is ${JSON.stringify(value)}`}: ${message}`;
}

function isArgumentCheck(check: AnyChecks[string]): check is ArgumentCheck<Values, unknown> {
  return typeof check.check === "function";
}

/** Whether all of a value is known now. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  return Object.values(value).every(isPlain);
}
