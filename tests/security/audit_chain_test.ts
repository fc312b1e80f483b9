/** The chain of the audit log: what is done to it without its key is seen. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ChainedEntry,
  type ChainEnd,
  type ChainState,
  createChainWriter,
  createSign,
  reseal,
  type SealedEntry,
  verifyChain,
} from "../../src/security/audit_chain.ts";
import { Secret } from "../../src/security/secret.ts";

const SALT = "ab".repeat(32);
const sign = await createSign(new Secret("the master key of now, of 32 letters or more"), SALT);
const other = await createSign(new Secret("the master key before, of 32 letters or more"), SALT);

interface Log {
  readonly state: ChainState & { readonly base: ChainEnd; readonly head: ChainEnd };
  readonly entries: readonly SealedEntry[];
}

/** A log of so many sealed entries, after some from before the chain. */
function logOf(sealed: number, before = 0, by = sign): Log {
  const entry = (id: number): ChainedEntry => ({
    id,
    at: 1_800_000_000_000 + id,
    action: "signed_in",
    user: id % 2 ? "ada" : null,
    address: "203.0.113.9",
    subject: null,
  });
  const old = Array.from({ length: before }, (_, at) => ({ ...entry(at + 1), mac: null }));
  const writer = createChainWriter(by);
  const base = writer.base(before, "");
  const entries: SealedEntry[] = [...old];
  let head = base;
  for (let at = 0; at < sealed; at++) {
    const next = entry(before + at + 1);
    head = writer.link(head, next);
    entries.push({ ...next, mac: head.mac });
  }
  return { state: { salt: SALT, base, head }, entries };
}

const verify = ({ entries, state }: { entries: readonly SealedEntry[]; state: ChainState }) =>
  verifyChain(entries, state, [sign]);

Deno.test("a chain that nobody touched is whole, and says what it does not cover", () => {
  assert.deepEqual(verify(logOf(3, 2)), { kind: "whole", sealed: 3, before: 2, unsealed: 0 });
  const { entries, state } = logOf(3, 2);
  const unsealed = { ...entries[2]!, id: 6, mac: null };
  assert.deepEqual(verify({ entries: [...entries, unsealed], state }), {
    kind: "whole",
    sealed: 3,
    before: 2,
    unsealed: 1,
  });
  assert.deepEqual(
    verifyChain([{ ...entries[0]! }], { salt: SALT, base: null, head: null }, [sign]),
    { kind: "none" },
  );
});

type Tamper = (log: Log, at: number, word: string) => {
  entries: readonly SealedEntry[];
  state: ChainState;
};

const change = (key: keyof SealedEntry): Tamper => ({ entries, state }, at, word) => ({
  entries: entries.map((entry, index) =>
    index === at
      ? { ...entry, [key]: typeof entry[key] === "number" ? word.length + 7 : word }
      : entry
  ),
  state,
});

/** What somebody does who may write the database, has seen all of it, and lacks the key. */
const TAMPERS: Readonly<Record<string, Tamper>> = {
  "another time": change("at"),
  "another deed": change("action"),
  "another user": change("user"),
  "another address": change("address"),
  "another subject": change("subject"),
  "another seal": change("mac"),
  "an entry taken out": ({ entries, state }, at) => ({
    entries: entries.filter((_, index) => index !== at),
    state,
  }),
  "an entry twice": ({ entries, state }, at) => ({
    entries: [...entries.slice(0, at + 1), ...entries.slice(at)],
    state,
  }),
  "two entries in the other order": ({ entries, state }, at) => {
    const [a, b] = [at, (at + 1) % entries.length];
    const swapped = [...entries];
    [swapped[a], swapped[b]] = [entries[b]!, entries[a]!];
    return { entries: swapped, state };
  },
  "the end cut off": ({ entries, state }, at) => ({ entries: entries.slice(0, at), state }),
  "the end cut off, and the head moved with it": ({ entries, state }, at) => {
    const left = entries.slice(0, at);
    const last = left.at(-1);
    const head = { ...state.head!, id: last?.id ?? 0, mac: last?.mac ?? "" };
    return { entries: left, state: { ...state, head } };
  },
  "the beginning cut off, and the base moved with it": ({ entries, state }, at) => ({
    entries: entries.slice(at + 1),
    state: { ...state, base: { ...state.base!, id: entries[at]!.id, mac: entries[at]!.mac! } },
  }),
  "the seal taken off an entry": ({ entries, state }, at) => ({
    entries: entries.map((entry, index) => index === at ? { ...entry, mac: null } : entry),
    state,
  }),
  "all seals taken off, and the chain with them": ({ entries, state }, at) => ({
    entries: entries.map((entry, index) => index === at ? entry : { ...entry, mac: null }),
    state: { ...state, base: null, head: null },
  }),
};

for (const [what, tamper] of Object.entries(TAMPERS)) {
  Deno.test(`${what} breaks the chain, wherever it is done`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.nat(), fc.string(), (count, seed, word) => {
        const log = logOf(count);
        const at = seed % count;
        fc.pre(
          !log.entries.some(({ user, address, mac, action }) =>
            [user, address, mac, action].includes(word)
          ),
        );
        assert.equal(verify(tamper(log, at, word)).kind, "broken");
      }),
      { numRuns: 60 },
    );
  });
}

Deno.test("the fault names the entry", () => {
  const { entries, state } = logOf(5);
  const changed = entries.map((entry) => entry.id === 3 ? { ...entry, user: "eve" } : entry);
  assert.deepEqual(verify({ entries: changed, state }), {
    kind: "broken",
    problem: "entry 3 was changed, or one before it was taken out or put in",
  });
  assert.deepEqual(verify({ entries: entries.slice(0, 3), state }), {
    kind: "broken",
    problem: "entries after 3 were taken out: the newest was 5",
  });
});

Deno.test("another master key, and the same one with another salt, forge nothing", async () => {
  assert.equal(verifyChain(logOf(2, 0, other).entries, logOf(2).state, [sign]).kind, "broken");
  const salted = await createSign(
    new Secret("the master key of now, of 32 letters or more"),
    "cd".repeat(32),
  );
  assert.equal(verify(logOf(2, 0, salted)).kind, "broken");
});

Deno.test("while the master key is exchanged both hold; sealed anew the new one alone does", () => {
  const before = logOf(3, 1, other);
  const writer = createChainWriter(sign);
  const next = { ...before.entries[3]!, id: 5 };
  const head = writer.link(before.state.head, next);
  const mixed = {
    entries: [...before.entries, { ...next, mac: head.mac }],
    state: { ...before.state, head },
  };
  assert.equal(verify(mixed).kind, "broken");
  assert.equal(verifyChain(mixed.entries, mixed.state, [sign, other]).kind, "whole");
  const { macs, ...ends } = reseal(mixed.entries, mixed.state.base, sign);
  const entries = mixed.entries.map((entry) => ({ ...entry, mac: macs.get(entry.id) ?? null }));
  assert.deepEqual(verify({ entries, state: { salt: SALT, ...ends } }), {
    kind: "whole",
    sealed: 4,
    before: 1,
    unsealed: 0,
  });
});
