/**
 * Who is signed in: random tokens, kept here alone, so that each can be revoked at once (design.md
 * section 6). They last 14 days and are renewed once half of that is over.
 *
 * @module
 */

export interface Session {
  readonly user: string;
  readonly token: string;
  /** Unix milliseconds. */
  readonly expires: number;
}

export interface Sessions {
  begin(user: string): Session;
  /** The session of a token that still lasts. */
  find(token: string): Session | undefined;
  /** The same session for another 14 days, once half of its time is over; else `null`. */
  renew(session: Session): Session | null;
  end(token: string): void;
}

export const SESSION_MS = 14 * 86_400_000;
/** The oldest are dropped beyond this. */
const SESSIONS_MAX = 10_000;

function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param now Unix milliseconds. */
export function createSessions(now: () => number): Sessions {
  const sessions = new Map<string, Session>();

  function keep(session: Session): Session {
    sessions.delete(session.token);
    sessions.set(session.token, session);
    if (sessions.size > SESSIONS_MAX) sessions.delete(sessions.keys().next().value!);
    return session;
  }

  return {
    begin: (user) => keep({ user, token: newToken(), expires: now() + SESSION_MS }),
    find(token) {
      const session = sessions.get(token);
      if (!session || session.expires > now()) return session;
      sessions.delete(token);
      return undefined;
    },
    renew(session) {
      if (session.expires - now() > SESSION_MS / 2) return null;
      return keep({ ...session, expires: now() + SESSION_MS });
    },
    end: (token) => void sessions.delete(token),
  };
}
