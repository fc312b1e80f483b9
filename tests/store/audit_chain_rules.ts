/** What a store of the audit log keeps to where entries are sealed, wherever it keeps them. */
import assert from "node:assert/strict";
import {
  createChainWriter,
  createSign,
  reseal,
  verifyChain,
} from "../../src/security/audit_chain.ts";
import { Secret } from "../../src/security/secret.ts";
import type { AccessStore, AuditRow } from "../../src/store/access/port.ts";
import type { OpenedAccess } from "./access_rules.ts";

const NOW = 1_800_000_000_000;
const MASTER = new Secret("the master key of now, of 32 letters or more");

export const ENTRY: AuditRow = {
  at: NOW,
  action: "signed_in",
  user: "ada",
  address: "203.0.113.9",
  subject: null,
};

/** Who seals the entries of a store, and whether its chain is whole. */
export async function chainOf({ audit }: AccessStore, master = MASTER) {
  const sign = await createSign(master, await audit.chain!.salt("ab".repeat(32)));
  return {
    sign,
    writer: createChainWriter(sign),
    async report() {
      const { state, entries } = await audit.chain!.read();
      return verifyChain(entries, state!, [sign]);
    },
  };
}

export function auditChainRules(
  name: string,
  open: () => OpenedAccess | Promise<OpenedAccess>,
  test: (name: string, run: () => Promise<void>) => void = (text, run) => Deno.test(text, run),
): void {
  const rule = (text: string, run: (store: AccessStore) => Promise<void>) =>
    test(`${name}: ${text}`, async () => {
      await using opened = await open();
      await run(opened.store);
    });
  const whole = (sealed: number, before = 0, unsealed = 0) => ({
    kind: "whole",
    sealed,
    before,
    unsealed,
  });

  rule("the salt of the chain is made once", async ({ audit }) => {
    assert.equal((await audit.chain!.read()).state, null);
    assert.equal(await audit.chain!.salt("aa"), "aa");
    assert.equal(await audit.chain!.salt("bb"), "aa");
  });

  rule(
    "entries are sealed from the first with a key on, those before and between stay",
    async (store) => {
      const { writer, report } = await chainOf(store);
      await store.audit.add(ENTRY);
      await store.audit.add({ ...ENTRY, at: NOW + 1 });
      assert.deepEqual(await report(), { kind: "none" });
      await store.audit.add({ ...ENTRY, at: NOW + 2, user: null }, writer);
      await store.audit.add({ ...ENTRY, at: NOW + 3, subject: '\u20ac "x"' }, writer);
      await store.audit.add({ ...ENTRY, at: NOW + 4 });
      await store.audit.add({ ...ENTRY, at: NOW + 5, address: null }, writer);
      assert.deepEqual(await report(), whole(3, 2, 1));
      const listed = await store.audit.list(9, null);
      assert.deepEqual(listed.map(({ at }) => at - NOW), [5, 4, 3, 2, 1, 0]);
    },
  );

  rule("entries that are added at once are sealed one after the other", async (store) => {
    const { writer, report } = await chainOf(store);
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => store.audit.add({ ...ENTRY, at: NOW + at }, writer)),
    );
    assert.deepEqual(await report(), whole(20));
  });

  rule(
    "the chain stays whole while old entries are pruned, some, all, and again",
    async (store) => {
      const { writer, report } = await chainOf(store);
      await store.audit.add(ENTRY);
      for (let at = 1; at <= 4; at++) await store.audit.add({ ...ENTRY, at: NOW + at }, writer);
      await store.forget(NOW, NOW + 3, writer);
      assert.deepEqual(await report(), whole(2));
      await store.forget(NOW, NOW + 3, writer);
      await store.audit.add({ ...ENTRY, at: NOW + 5 }, writer);
      assert.deepEqual(await report(), whole(3));
      await store.forget(NOW, NOW + 99, writer);
      assert.deepEqual(await report(), whole(0));
      await store.audit.add({ ...ENTRY, at: NOW + 99 }, writer);
      assert.deepEqual(await report(), whole(1));
    },
  );

  rule("pruned by somebody without the key, the chain is broken and says so", async (store) => {
    const { writer, report } = await chainOf(store);
    for (let at = 1; at <= 3; at++) await store.audit.add({ ...ENTRY, at: NOW + at }, writer);
    await store.forget(NOW, NOW + 2);
    assert.deepEqual(await report(), {
      kind: "broken",
      problem: "old entries were pruned by a program without the master key",
    });
  });

  rule("sealed anew it is whole under the new key alone", async (store) => {
    const old = await chainOf(store, new Secret("the master key before, of 32 letters or more"));
    for (let at = 1; at <= 3; at++) await store.audit.add({ ...ENTRY, at: NOW + at }, old.writer);
    const { sign, report } = await chainOf(store);
    assert.equal((await report()).kind, "broken");
    await store.audit.chain!.reseal(() => null);
    assert.deepEqual(await old.report(), whole(3));
    await store.audit.chain!.reseal((state, entries) => reseal(entries, state.base!, sign));
    assert.deepEqual(await report(), whole(3));
    assert.equal((await old.report()).kind, "broken");
  });
}
