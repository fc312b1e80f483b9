/**
 * The chain of the audit log under the configured master key: who seals, and what `db:status` says.
 *
 * @module
 */
import type { Settings } from "../../config/settings.ts";
import { randomHex } from "../security/api_token.ts";
import {
  type ChainReport,
  type ChainWriter,
  createChainWriter,
  createSign,
  reseal,
  type Sign,
  verifyChain,
} from "../security/audit_chain.ts";
import { openAccess } from "./open_access.ts";
import { StorageError } from "../store/journal.ts";
import type { AccessStore, AuditChain } from "../store/access/port.ts";

type Keys = Pick<Settings, "masterKeys">;

/** Under the master key first, then under the one before it. */
async function signsOf(chain: AuditChain, { masterKeys }: Keys): Promise<Sign[]> {
  const salt = await chain.salt(randomHex());
  return await Promise.all(masterKeys.map((key) => createSign(key, salt)));
}

/**
 * What seals entries of a store; `null` without a master key, or where nothing outlives the process.
 * The key is derived at the first entry, and again after a failure.
 */
export function chainWriter(
  { audit }: Pick<AccessStore, "audit">,
  { masterKeys }: Keys,
): (() => Promise<ChainWriter>) | null {
  const { chain } = audit;
  const [master] = masterKeys;
  if (!chain || !master) return null;
  let made: Promise<ChainWriter> | null = null;
  return () => {
    made ??= signsOf(chain, { masterKeys: [master] }).then(([sign]) => createChainWriter(sign!));
    made.catch(() => made = null);
    return made;
  };
}

const counted = (count: number) => `${count} ${count === 1 ? "entry" : "entries"}`;

function textOf(report: ChainReport): string {
  if (report.kind === "broken") return `Audit log: BROKEN: ${report.problem}`;
  if (report.kind === "none") {
    return "Audit log: no entry is sealed yet; if one was, somebody has taken the seals off";
  }
  const { sealed, before, unsealed } = report;
  return [
    `Audit log: ${counted(sealed)} sealed under the master key, none changed or taken out`,
    ...(before > 0 ? [`${counted(before)} from before that prove nothing`] : []),
    ...(unsealed > 0 ? [`${counted(unsealed)} written without the master key prove nothing`] : []),
  ].join("; ");
}

/** The line of `db:status` about the audit log. */
export async function auditLine(
  { audit }: Pick<AccessStore, "audit">,
  settings: Keys,
): Promise<string> {
  if (!audit.chain) return "Audit log: in memory";
  if (settings.masterKeys.length === 0) {
    return "Audit log: proves nothing, as there is no master key to seal it with: whoever may write " +
      "the database may change it. Set GLANCE_MASTER_KEY";
  }
  const signs = await signsOf(audit.chain, settings);
  const { state, entries } = await audit.chain.read();
  return textOf(state ? verifyChain(entries, state, signs) : { kind: "none" });
}

/**
 * Seals the chain anew under the present master key, where it is whole under the one before.
 *
 * @returns Entries that were sealed anew.
 * @throws {StorageError} where it is broken: sealing it anew would hide that.
 */
export async function resealAudit(
  { audit }: Pick<AccessStore, "audit">,
  settings: Keys,
): Promise<number> {
  const { chain } = audit;
  if (!chain || settings.masterKeys.length < 2) return 0;
  const signs = await signsOf(chain, settings);
  let count = 0;
  await chain.reseal((state, all) => {
    const report = verifyChain(all, state, signs);
    if (report.kind === "broken") {
      throw new StorageError(
        `The audit log is not sealed anew, as it is broken: ${report.problem}`,
      );
    }
    if (state.base === null) return null;
    const resealed = reseal(all, state.base, signs[0]!);
    count = resealed.macs.size;
    return resealed;
  });
  return count;
}

/**
 * Seals the audit log of the configured database anew under the present master key.
 *
 * @returns Entries that were sealed anew.
 * @throws {StorageError} where the log is broken.
 */
export async function resealConfiguredAudit(settings: Settings): Promise<number> {
  await using opened = await openAccess(settings);
  return opened ? await resealAudit(opened.store, settings) : 0;
}

/** What `db:status` says of the audit log. */
export async function configuredAuditLine(settings: Settings): Promise<string | null> {
  await using opened = await openAccess(settings);
  return opened && await auditLine(opened.store, settings);
}
