/** Stripe's error bodies, word for word where the words are known. */

/** An error that the server answers with; never thrown to the simulator's caller. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string | undefined;
  readonly param: string | undefined;

  constructor(status: number, message: string, code?: string, param?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

/** `rk_test_abcd1234` → `rk_test_****1234`, as Stripe masks a key in its messages. */
export function maskKey(key: string): string {
  const prefix = /^[a-z]{2}_(?:live|test)_|^[a-z]{2}_/.exec(key)?.[0] ?? "";
  const rest = key.slice(prefix.length);
  const shown = rest.length > 4 ? rest.slice(-4) : "";
  return prefix + "*".repeat(rest.length - shown.length) + shown;
}

export function keyMissing(): ApiError {
  return new ApiError(
    401,
    "You did not provide an API key. You need to provide your API key in the Authorization " +
      "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See " +
      "https://stripe.com/docs/api#authentication for details, or we can help at " +
      "https://support.stripe.com/.",
  );
}

export function keyInvalid(key: string): ApiError {
  return new ApiError(401, `Invalid API Key provided: ${maskKey(key)}`);
}

export function permissionMissing(key: string, account: string, permission: string): ApiError {
  return new ApiError(
    403,
    `The provided key '${maskKey(key)}' does not have the required permissions for this endpoint ` +
      `on account '${account}'. Having the 'rak_${permission}_read' permission would allow this ` +
      `request to continue.`,
  );
}

export function urlUnknown(method: string, path: string): ApiError {
  return new ApiError(
    404,
    `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can ` +
      `help at https://support.stripe.com/.`,
  );
}

/** The simulator is read only: writing is refused, so a test can prove that nothing writes. */
export function methodRefused(method: string, path: string): ApiError {
  return new ApiError(405, `The simulator answers GET only (${method}: ${path}).`);
}

export function missing(object: string, id: string, param: string): ApiError {
  const status = param === "id" ? 404 : 400;
  return new ApiError(status, `No such ${object}: '${id}'`, "resource_missing", param);
}

export function parameterUnknown(name: string): ApiError {
  return new ApiError(400, `Received unknown parameter: ${name}`, "parameter_unknown", name);
}

export function parameterMissing(name: string): ApiError {
  return new ApiError(400, `Missing required param: ${name}.`, "parameter_missing", name);
}

export function integerInvalid(name: string, value: string): ApiError {
  return new ApiError(400, `Invalid integer: ${value}`, "parameter_invalid_integer", name);
}

export function parameterInvalid(name: string, message: string): ApiError {
  return new ApiError(400, message, undefined, name);
}

export function expansionTooDeep(path: string): ApiError {
  return new ApiError(
    400,
    `You cannot expand more than 4 levels of a property. Property: ${path}`,
    "property_expansion_max_depth",
    "expand",
  );
}

export function expansionUnknown(field: string, suggestion?: string): ApiError {
  const hint = suggestion ? ` You may want to try expanding '${suggestion}' instead.` : "";
  return new ApiError(
    400,
    `This property cannot be expanded (${field}).${hint}`,
    undefined,
    "expand",
  );
}

export function tooManyRequests(): ApiError {
  return new ApiError(
    429,
    "Request rate limit exceeded. You can learn more about rate limits here " +
      "https://stripe.com/docs/rate-limits.",
    "rate_limit",
  );
}

/** The body of an error answer. */
export function errorBody(error: ApiError, requestId: string): string {
  const type = error.status >= 500 ? "api_error" : "invalid_request_error";
  return JSON.stringify({
    error: {
      ...(error.code === undefined ? {} : {
        code: error.code,
        doc_url: `https://stripe.com/docs/error-codes/${error.code.replaceAll("_", "-")}`,
      }),
      message: error.message,
      ...(error.param === undefined ? {} : { param: error.param }),
      ...(error.status === 400 || error.status === 404
        ? { request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}` }
        : {}),
      type,
    },
  });
}
