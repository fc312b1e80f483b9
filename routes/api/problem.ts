/**
 * Errors of the JSON interface: one table of codes, `application/problem+json` (RFC 9457).
 *
 * @module
 */

/** Status and title by code. */
const PROBLEMS = {
  parameter_unknown: [400, "The parameter is not known here"],
  parameter_invalid: [400, "The parameter cannot be understood"],
  source_required: [400, "There are several sources: name one with source="],
  source_unknown: [404, "There is no such source"],
  currency_unknown: [400, "The currency is neither billed in nor the reporting currency"],
  fx_rate_missing: [400, "A currency has no rate: set figures.rates"],
  not_ready: [503, "The account has not been read yet"],
  unauthenticated: [401, "Sign in first"],
  insufficient_scope: [403, "The token may not read this"],
  forbidden: [403, "This is not open to you"],
  sign_in_unavailable: [503, "Nobody can be signed in just now"],
  too_many_tries: [429, "Too many tries: wait a while"],
  not_found: [404, "There is nothing at this address"],
  method_not_allowed: [405, "This address is not used in this way"],
  body_too_large: [413, "What was sent is longer than anything that is taken here"],
  body_broken: [400, "What was sent broke off"],
  body_too_slow: [408, "What was sent did not come to its end in time"],
  identity_violated: [500, "The movements do not add up to MRR, so they are not given"],
  internal: [500, "Something went wrong here: the log says what"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Thrown by handlers; becomes an answer in one place. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly parameter: string | undefined;
  readonly detail: string | undefined;
  constructor(code: ProblemCode, parameter?: string, detail?: string) {
    super(code);
    this.name = "Problem";
    this.code = code;
    this.parameter = parameter;
    this.detail = detail;
  }
}

/** The body of a problem and its status. */
export function problemBody({ code, parameter, detail }: Problem) {
  const [status, title] = PROBLEMS[code];
  const body = {
    type: `urn:businessglance:problem:${code}`,
    title,
    status,
    code,
    ...(parameter ? { parameter } : {}),
    ...(detail ? { detail } : {}),
  };
  return { status, body: JSON.stringify(body) };
}
