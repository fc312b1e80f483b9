/**
 * Brings the database to the schema of this version, before instances of it take requests: the
 * `predeploy` command on Deno Deploy. Those of the version before go on meanwhile, as long as the
 * schema says that they get on with it. Needs `--allow-net --allow-env --allow-read`.
 *
 * @module
 */
if (!("Temporal" in globalThis)) await import("temporal-polyfill/global");
const { loadConfig } = await import("../../config/load.ts");
const { configIo } = await import("../../src/cli/io.ts");
const { openConfiguredPostgres } = await import("../../src/cli/open_postgres.ts");
const { systemClock } = await import("../../src/resilience/clock.ts");

/** Unlike the instances it needs no key: only where the database is. */
const { settings } = await loadConfig(configIo(undefined));
if (settings.database === null) {
  console.log("No PostgreSQL is configured: nothing to migrate");
} else {
  const database = await openConfiguredPostgres(settings.database, {
    clock: systemClock(),
    onMigrate: (from) => console.log(`Migrated from schema ${from}`),
  });
  await database[Symbol.asyncDispose]();
  console.log("The schema is that of this version");
}
