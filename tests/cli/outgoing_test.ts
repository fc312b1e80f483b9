/** Requests to hosts other than Stripe's reach public addresses, and hosts that the operator names. */
import assert from "node:assert/strict";
import { createOutgoing } from "../../src/cli/outgoing.ts";
import { loadText } from "../config/support.ts";

const networkOf = async (text: string) => (await loadText(text)).settings;

Deno.test("a host behind this server is reached when network.allow names it, and not otherwise", async () => {
  let asked = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    asked++;
    return new Response("inside");
  });
  const url = `http://127.0.0.1:${server.addr.port}/hook`;
  await assert.rejects(createOutgoing(await networkOf("log: {}"))(url), {
    name: "GuardError",
    message:
      "127.0.0.1 is not an address of the public internet: allow it by its name if it is meant",
  });
  const other = await networkOf("network: {allow: [mail.internal, 10.0.0.7]}");
  await assert.rejects(createOutgoing(other)(url), { name: "GuardError" });
  assert.equal(asked, 0);
  const allowed = await networkOf("network: {allow: [127.0.0.1]}");
  assert.equal((await createOutgoing(allowed)(url)).status, 200);
  assert.equal((await createOutgoing(other, ["127.0.0.1"])(url)).status, 200);
  assert.equal(asked, 2);
  await server.shutdown();
});

Deno.test("names of network.allow are read in any case, and IPv6 in its brackets or without", async () => {
  const { network } = await networkOf("network: {allow: [Mail.Internal, '[FD00::1]', 'fd00::2']}");
  assert.deepEqual([...network.allow], ["mail.internal", "fd00::1", "fd00::2"]);
  await assert.rejects(
    networkOf("network: {allow: ['mail.internal:25']}"),
    /network\.allow\[0\]: must be a host name or an address, without a port/,
  );
});
