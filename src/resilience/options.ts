/**
 * Options are checked on entry, with a sentence that says what to change.
 *
 * @module
 */

/** What a numeric option must satisfy; it must be finite in any case. */
export interface NumberRule {
  /** Smallest allowed value. */
  readonly min?: number;
  /** The value must be greater than this. */
  readonly above?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/**
 * Throws unless `value` obeys `rule`. `action` completes "Cannot …", as in "create bucket".
 *
 * @throws {RangeError} naming action, rule and current value
 */
export function checkNumber(action: string, name: string, value: number, rule: NumberRule): void {
  const fail = (what: string): never => {
    throw new RangeError(`Cannot ${action} as ${name} must be ${what}: current value is ${value}`);
  };
  if (typeof value !== "number" || !Number.isFinite(value)) fail("a finite number");
  if (rule.integer && !Number.isInteger(value)) fail("a whole number");
  if (rule.min !== undefined && value < rule.min) fail(`>= ${rule.min}`);
  if (rule.above !== undefined && value <= rule.above) fail(`> ${rule.above}`);
  if (rule.max !== undefined && value > rule.max) fail(`<= ${rule.max}`);
}
