/** `/.well-known/security.txt`: whom to tell of a hole, by RFC 9116. */
import assert from "node:assert/strict";
import type { Settings } from "../../config/settings.ts";
import { createSimulator } from "../../src/simulator/mod.ts";
import { loadText } from "../config/support.ts";
import { startDashboard } from "../support/dashboard.ts";
import { usersAuth } from "../support/signed_in.ts";

async function answerWith(server: Partial<Settings["server"]>) {
  await using dashboard = await startDashboard({
    simulator: createSimulator(),
    settings: (settings) => ({
      ...settings,
      auth: usersAuth({ ada: "admin" }),
      server: { ...settings.server, ...server },
    }),
  });
  const response = await dashboard.get("/.well-known/security.txt");
  return { response, text: await response.text() };
}

Deno.test("security.txt names the contacts to everyone, and ends within a year", async () => {
  const before = Date.now();
  const { response, text } = await answerWith({
    securityContacts: ["mailto:security@example.com", "https://example.com/report"],
    baseUrl: "https://glance.example.com/",
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  const [one, two, expires, ...rest] = text.split("\n");
  assert.equal(one, "Contact: mailto:security@example.com");
  assert.equal(two, "Contact: https://example.com/report");
  assert.match(expires!, /^Expires: 20\d\d-\d\d-\d\dT00:00:00Z$/);
  const days = (Date.parse(expires!.slice("Expires: ".length)) - before) / 86_400_000;
  assert.ok(days > 178 && days <= 181, `${days}`);
  assert.deepEqual(rest, [
    "Preferred-Languages: en",
    "Canonical: https://glance.example.com/.well-known/security.txt",
    "",
  ]);
});

Deno.test("without a contact security.txt is 404, and says which key to set", async () => {
  const { response, text } = await answerWith({});
  assert.equal(response.status, 404);
  assert.equal(
    text,
    "No contact for security reports is configured: set server.security-contact\n",
  );
});

Deno.test("server.security-contact is an e-mail address, a telephone or a page with https", async () => {
  const contactsOf = async (value: string) =>
    (await loadText(`server: {security-contact: ${value}}`)).settings.server.securityContacts;
  assert.deepEqual(await contactsOf("security@example.com"), ["mailto:security@example.com"]);
  assert.deepEqual(await contactsOf('["tel:+49-30-1234", "https://a.example/x"]'), [
    "tel:+49-30-1234",
    "https://a.example/x",
  ]);
  for (
    const wrong of ["nobody", "javascript:alert(1)", '"http://a.example"', '"a@b\\nContact: x@y"']
  ) {
    await assert.rejects(contactsOf(wrong), /server\.security-contact/, wrong);
  }
});
