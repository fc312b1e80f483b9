/**
 * Opens the configured PostgreSQL; its driver is loaded here only.
 *
 * @module
 */
import type { Settings } from "../../config/settings.ts";
import type { PostgresDatabase, PostgresOptions } from "../store/postgres/database.ts";

/** @throws {StorageError} that says what is wrong and what to do. */
export async function openConfiguredPostgres(
  { tlsRootPath, ...address }: NonNullable<Settings["database"]>,
  options: PostgresOptions,
): Promise<PostgresDatabase> {
  const tlsRoots = tlsRootPath === null ? null : await Deno.readTextFile(tlsRootPath);
  const { openPostgres } = await import("../store/postgres/database.ts");
  return await openPostgres({ ...address, ...(tlsRoots ? { tlsRoots } : {}) }, options);
}
