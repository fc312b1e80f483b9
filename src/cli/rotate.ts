/**
 * `glance secret:rotate`: seals the configuration's secrets anew under the present master key, in
 * their place. A running program that has both master keys reads them before and after.
 *
 * @module
 */
import { type ConfigIo, loadConfig } from "../../config/load.ts";
import { planRotation, type RotatedFile } from "../../config/rotation.ts";
import { recordCommand } from "./access.ts";
import { resealConfiguredAudit } from "./audit_chain.ts";
import { replaceFile } from "./io.ts";

export interface RotateOptions {
  readonly io: ConfigIo;
  /** Only tells what would be done. */
  readonly verify: boolean;
  /** Unix milliseconds. */
  readonly nowMs: number;
  readonly print: (line: string) => void;
}

/** @throws {TypeError} when somebody else changed or holds the file; it is then as it was. */
async function write(io: ConfigIo, { path, before, after }: RotatedFile): Promise<void> {
  if (await io.readFile(path) !== before) {
    throw new TypeError(`${path} was changed meanwhile: nothing was written to it, run this again`);
  }
  if (before.includes("\ufffd")) {
    throw new TypeError(`${path} holds bytes that are no UTF-8, which would be lost: remove them`);
  }
  try {
    await replaceFile(path, after);
  } catch (error) {
    const known = error instanceof Deno.errors.NotCapable ||
      error instanceof Deno.errors.PermissionDenied || /read-only/i.test(String(error));
    if (!known) throw error;
    throw new TypeError(
      `${path} could not be written, and is as it was: run this as a user who may write it and ` +
        "its folder, with --allow-write for both",
    );
  }
}

/**
 * @throws {ConfigError} when a secret cannot be opened: then nothing was written.
 * @throws {TypeError} in a sentence, for what else is missing.
 */
export async function rotateSecrets({ io, verify, nowMs, print }: RotateOptions): Promise<void> {
  const { files, resealed, current, elsewhere } = await planRotation(io);
  if (!verify) {
    for (const file of files) await write(io, file);
    const { settings } = await loadConfig({ ...io, skipRates: true });
    const audited = await resealConfiguredAudit(settings);
    if (audited > 0) print(`The audit log is sealed anew: ${audited} entries`);
    if (resealed.length > 0) {
      await recordCommand(settings, nowMs, {
        action: "secrets_rotated",
        subject: resealed.join(", "),
      });
    }
  }
  const verb = verify ? "would be sealed anew" : "is sealed anew";
  for (const key of resealed) print(`${key} ${verb}`);
  for (const key of current) print(`${key} is sealed under this master key already`);
  for (const key of elsewhere) {
    print(`${key} stands in no file of the configuration: seal it anew with glance secret:seal`);
  }
  if (resealed.length + current.length + elsewhere.length === 0) {
    print("No secret of the configuration is sealed");
  } else if (elsewhere.length === 0 && !verify) {
    print("GLANCE_MASTER_KEY_PREVIOUS is not needed any more");
  }
}
