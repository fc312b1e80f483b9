/**
 * Who is signed in: random tokens, kept by their hash where all replicas look, so that each can be
 * revoked (design.md section 6). They last 14 days and are renewed once half of that is over.
 *
 * What was found is believed for five seconds: a request then costs no query, and what is ended on
 * one replica ends on the others within that time. Where the store does not answer, sessions that
 * are known here go on.
 *
 * @module
 */
import { randomHex, sha256 } from "./api_token.ts";
import { type Awaitable, createRecent } from "./recent.ts";

/** As it is kept. */
export interface SessionRow {
  /** SHA-256 of the token. */
  readonly id: string;
  readonly user: string;
  readonly stamp: string;
  /** Unix milliseconds. */
  readonly expires: number;
}

export interface Session extends SessionRow {
  readonly token: string;
}

/** Where sessions are kept. */
export interface SessionKeeper {
  add(row: SessionRow): Awaitable<void>;
  find(id: string): Awaitable<SessionRow | undefined>;
  extend(id: string, expires: number): Awaitable<void>;
  remove(id: string): Awaitable<void>;
}

export interface Sessions {
  /** @param stamp What of the user must stay as it is: another one ends the session. */
  begin(user: string, stamp: string): Promise<Session>;
  /** The session of a token that still lasts; at once where it was found just before. */
  find(token: string): Awaitable<Session | undefined>;
  /** Whether half of its time is over. */
  isDue(session: Session): boolean;
  /** The same session for another 14 days. */
  renew(session: Session): Promise<Session>;
  end(session: Session): Promise<void>;
}

export const SESSION_MS = 14 * 86_400_000;
const SHAPE = /^[0-9a-f]{64}$/;

/** @param now Unix milliseconds. */
export function createSessions(keeper: SessionKeeper, now: () => number): Sessions {
  const recent = createRecent<Session>(now, async (token) => {
    const row = await keeper.find(await sha256(token));
    return row && { ...row, token };
  });
  const lasting = (session: Session | undefined) =>
    session && session.expires > now() ? session : undefined;
  return {
    async begin(user, stamp) {
      const token = randomHex();
      const expires = Math.floor(now()) + SESSION_MS;
      const session: Session = { id: await sha256(token), user, stamp, expires, token };
      const { token: _, ...row } = session;
      await keeper.add(row);
      recent.set(token, session);
      return session;
    },
    find(token) {
      if (!SHAPE.test(token)) return undefined;
      const found = recent.find(token);
      return found instanceof Promise ? found.then(lasting) : lasting(found);
    },
    isDue: ({ expires }) => expires - now() <= SESSION_MS / 2,
    async renew(session) {
      const renewed = { ...session, expires: Math.floor(now()) + SESSION_MS };
      await keeper.extend(session.id, renewed.expires);
      recent.set(session.token, renewed);
      return renewed;
    },
    async end(session) {
      recent.set(session.token, undefined);
      await keeper.remove(session.id);
    },
  };
}
