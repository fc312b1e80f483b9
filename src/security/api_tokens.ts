/**
 * The tokens of programs: which of them hold, and what each may read.
 *
 * @module
 */
import { hashApiToken, isApiToken, type Scope, SCOPES } from "./api_token.ts";
import { type Awaitable, createRecent } from "./recent.ts";

export interface ApiToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Unix milliseconds. */
  readonly expires: number;
}

/** Where tokens are kept, by their hash. */
export interface TokenKeeper {
  find(hash: string): Awaitable<
    | { readonly name: string; readonly scopes: readonly string[]; readonly expires: number }
    | undefined
  >;
  used(hash: string, at: number): Awaitable<void>;
}

export interface ApiTokensOptions {
  readonly keeper: TokenKeeper;
  /** Those that the configuration names. */
  readonly configured: () => readonly (ApiToken & { readonly hash: string })[];
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Told of the first use of a token on a day, UTC, in this process. */
  readonly onFirstUse: (token: ApiToken) => void;
  readonly onError: (error: unknown) => void;
}

const DAY_MS = 86_400_000;
/** How exact "last used" is. */
const USED_MS = 60_000;
const NAMES_MAX = 1_000;

function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}

/** Finds the token that a text is; `undefined` for one that does not hold. */
export function createApiTokens(options: ApiTokensOptions) {
  const { keeper, configured, now, onFirstUse, onError } = options;
  const usedAt = new Map<string, number>();

  type Known = ApiToken & { readonly hash: string; readonly kept: boolean };
  const recent = createRecent<Known>(now, async (text) => {
    const hash = await hashApiToken(text);
    const named = configured().find((one) => one.hash === hash);
    if (named) return { ...named, kept: false };
    const row = await keeper.find(hash);
    if (!row) return undefined;
    const { name, expires } = row;
    return { name, expires, scopes: row.scopes.filter(isScope), hash, kept: true };
  });

  function noteUse(token: Known): void {
    const at = now();
    const before = usedAt.get(token.hash) ?? -Infinity;
    if (at - before < USED_MS) return;
    usedAt.set(token.hash, at);
    if (usedAt.size > NAMES_MAX) usedAt.delete(usedAt.keys().next().value!);
    if (Math.floor(at / DAY_MS) !== Math.floor(before / DAY_MS)) onFirstUse(token);
    if (!token.kept) return;
    Promise.resolve().then(() => keeper.used(token.hash, Math.floor(at))).catch(onError);
  }

  function holding(token: Known | undefined): ApiToken | undefined {
    if (!token || token.expires <= now()) return undefined;
    noteUse(token);
    return token;
  }

  return {
    find(text: string): Awaitable<ApiToken | undefined> {
      if (!isApiToken(text)) return undefined;
      const found = recent.find(text);
      return found instanceof Promise ? found.then(holding) : holding(found);
    },
  };
}
