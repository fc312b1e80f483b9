/** PostgreSQL over TLS: encrypted, and with a certificate that is checked where that is asked for. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/resilience/clock.ts";
import { openPostgres, type PostgresAddress } from "../../src/store/postgres/database.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";

const cluster = await clusterForFile({ tls: true });

postgresTest(
  cluster,
  "TLS is spoken, and a certificate is checked with verify-full",
  async (one) => {
    const url = await one.create();
    const open = async (change: Partial<PostgresAddress>) => {
      await using database = await openPostgres(addressOf(url, change), { clock: systemClock() });
      const rows = await one.run("SELECT count(*) FROM pg_stat_ssl WHERE ssl");
      return [await database.sources(), Number(rows) > 0];
    };
    assert.deepEqual(await open({ tls: "require" }), [[], true]);
    const named = { tls: "verify-full", host: "localhost" } as const;
    assert.deepEqual(await open({ ...named, tlsRoots: one.certificate }), [[], true]);
    await assert.rejects(open(named), {
      name: "StorageError",
      message:
        `PostgreSQL at localhost:${one.port}/test_1 shows a certificate that is not trusted: ` +
        "name its authority's file with sslrootcert (PGSSLROOTCERT), or the host by the name in " +
        "the certificate",
    });
  },
);
