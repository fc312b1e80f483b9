/**
 * Who is signed in: random tokens, kept by their hash where all replicas look, so that each can be
 * revoked (design.md section 6). They last 14 days and are renewed once half of that is over, up to an
 * absolute lifetime: a stolen cookie that is used every day ends too.
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
  /** When its user signed in, Unix milliseconds. */
  readonly begun: number;
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
  /** Whether half of its time is over, and a renewal would make it last longer. */
  isDue(session: Session): boolean;
  /** The same session for another 14 days, within its absolute lifetime. */
  renew(session: Session): Promise<Session>;
  end(session: Session): Promise<void>;
}

export const SESSION_MS = 14 * 86_400_000;
const SHAPE = /^[0-9a-f]{64}$/;

/**
 * @param now Unix milliseconds.
 * @param lifetimeMs How long a session lasts at most, whatever its user does; may change.
 */
export function createSessions(
  keeper: SessionKeeper,
  now: () => number,
  lifetimeMs: () => number,
): Sessions {
  const endOf = ({ begun }: Pick<SessionRow, "begun">) => begun + lifetimeMs();
  const renewedEnd = (row: Pick<SessionRow, "begun">) =>
    Math.min(Math.floor(now()) + SESSION_MS, endOf(row));
  const recent = createRecent<Session>(now, async (token) => {
    const row = await keeper.find(await sha256(token));
    return row && { ...row, token };
  });
  const lasting = (session: Session | undefined) =>
    session && Math.min(session.expires, endOf(session)) > now() ? session : undefined;
  return {
    async begin(user, stamp) {
      const token = randomHex();
      const begun = Math.floor(now());
      const expires = renewedEnd({ begun });
      const session: Session = { id: await sha256(token), user, stamp, begun, expires, token };
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
    isDue: (session) =>
      session.expires - now() <= SESSION_MS / 2 && renewedEnd(session) > session.expires,
    async renew(session) {
      const renewed = { ...session, expires: renewedEnd(session) };
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
