/**
 * What stands around containers in the tests: a simulator of Stripe that they reach over TLS, and
 * folders with the files that compose files name.
 *
 * @module
 */
import { passwordHash } from "../../src/cli/secrets.ts";
import { type Simulator, SIMULATOR_KEY } from "../../src/simulator/mod.ts";

/** The name under which containers reach this machine. */
export const HOST_NAME = "stripe.test";
export const PASSWORD = "correct horse battery";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate of its own signing, for a name. */
export async function makeCertificate(folder: string, name: string): Promise<Certificate> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${name}`],
      ...["-addext", `subjectAltName=DNS:${name},IP:127.0.0.1`],
      // Of its own signing, and no authority: the runtime takes none for a server's.
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ...["-keyout", `${folder}/${name}.key`, "-out", `${folder}/${name}.crt`],
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return {
    cert: Deno.readTextFileSync(`${folder}/${name}.crt`),
    key: Deno.readTextFileSync(`${folder}/${name}.key`),
  };
}

/** A simulator that containers reach as `https://stripe.test:PORT`. */
export function serveToContainers(simulator: Pick<Simulator, "answer">, certificate: Certificate) {
  const closing = new AbortController();
  const server = Deno.serve(
    { hostname: "0.0.0.0", port: 0, ...certificate, onListen: () => {} },
    async (request) => {
      const answer = await simulator.answer(request, closing.signal).catch(() => "reset" as const);
      return answer === "reset" ? new Response(null, { status: 503 }) : answer;
    },
  );
  return {
    url: `https://${HOST_NAME}:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.shutdown();
    },
  };
}

/** The secrets that the compose files name, readable by the containers' users. */
export async function writeSecrets(
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const secrets = {
    stripe_secret_key: SIMULATOR_KEY,
    admin_password_hash: await passwordHash(PASSWORD),
    ...more,
  };
  Deno.mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(secrets)) {
    Deno.writeTextFileSync(`${folder}/${name}`, text);
    Deno.chmodSync(`${folder}/${name}`, 0o644);
  }
}
