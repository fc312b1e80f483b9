/** Users of a dashboard under test, and their sessions. */
import type { AuthSettings, TokenSettings } from "../../config/auth.ts";
import { hashPassword } from "../../src/security/password.ts";
import type { Role } from "../../src/security/rights.ts";
import { Secret } from "../../src/security/secret.ts";
import type { Dashboard } from "./dashboard.ts";

export const PASSWORD = "correct horse battery";
/** Of that password. */
export const HASH = await hashPassword(new Secret(PASSWORD));

/** Users by their role, all with one password. */
export function usersAuth(
  roles: Readonly<Record<string, Role>>,
  tokens: readonly TokenSettings[] = [],
): NonNullable<AuthSettings> {
  const users = Object.entries(roles).map(([name, role]) => [name, { hash: HASH, role }] as const);
  return { mode: "users", users: new Map(users), tokens, auditDays: 365, sessionDays: 90 };
}

/** Sends the form of the sign-in page. */
export function postSignIn(
  dashboard: Dashboard,
  fields: Readonly<Record<string, string>>,
  init: RequestInit = {},
): Promise<Response> {
  return dashboard.get("/api/authenticate", {
    method: "POST",
    body: new URLSearchParams(fields),
    redirect: "manual",
    ...init,
  });
}

/** The headers of a user who has signed in. */
export async function signedIn(
  dashboard: Dashboard,
  username: string,
): Promise<{ readonly cookie: string }> {
  const response = await postSignIn(dashboard, { username, password: PASSWORD });
  await response.body?.cancel();
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (!cookie) throw new Error(`${username} was not signed in: ${response.status}`);
  return { cookie };
}
