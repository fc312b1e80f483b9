/**
 * Reading what a request carries, up to a size and for so long: a sender who stalls or never ends
 * holds nothing up.
 *
 * @module
 */

/** The fields of a form; none of what is no form, which so asks for nothing that there is. */
export async function readForm(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch {
    return new FormData();
  }
}

export interface BodyLimits {
  readonly bytesMax: number;
  /** Milliseconds until all of it must be there. */
  readonly patienceMs: number;
}

/** `body_broken` where the sender has gone. */
export type BodyFault = "body_too_large" | "body_too_slow" | "body_broken";

async function readChunks(
  body: ReadableStream<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | BodyFault> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > bytesMax) return "body_too_large";
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** The whole body, or why it was not read; no more than `bytesMax` is. */
export async function readBody(
  request: Request,
  { bytesMax, patienceMs }: BodyLimits,
): Promise<Uint8Array<ArrayBuffer> | BodyFault> {
  const told = request.headers.get("content-length");
  if (Number(told ?? 0) > bytesMax) {
    await request.body?.cancel();
    return "body_too_large";
  }
  // The server holds a sender to the length that it told; reading at once is many times cheaper.
  const reading = told !== null
    ? request.bytes()
    : request.body
    ? readChunks(request.body, bytesMax)
    : new Uint8Array();
  if (reading instanceof Uint8Array) return reading;
  const late = Promise.withResolvers<"body_too_slow">();
  const timer = setTimeout(() => late.resolve("body_too_slow"), patienceMs);
  try {
    return await Promise.race([reading.catch(() => "body_broken" as const), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
