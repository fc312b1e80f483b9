/**
 * The answer to a request whose handling failed outside of every route.
 *
 * @module
 */
import { Problem } from "./api/problem.ts";
import { problemResponse } from "./api/routes.ts";
import { answer } from "./auth.ts";

const TEXT = "Something went wrong here: the log says what.\n";

/** 500, with the headers that every answer has; it reads of the request its address alone. */
export function unhandled({ url }: Request): Response {
  return URL.parse(url)?.pathname.startsWith("/api/")
    ? problemResponse(new Problem("internal"))
    : answer(500, TEXT, "text/plain; charset=utf-8");
}
