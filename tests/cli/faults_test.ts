/** What an operator gets wrong is answered with a sentence that says what to do, without a stack. */
import assert from "node:assert/strict";
import { explainError, folderFault, listenFault } from "../../src/cli/faults.ts";
import { runGlance } from "../support/glance.ts";

const { AddrInUse, AddrNotAvailable, NotCapable, PermissionDenied } = Deno.errors;

Deno.test("where nothing can listen, the address or the port at fault is named", () => {
  const fault = (error: Error) => listenFault(error, "10.0.0.9", 80);
  assert.match(fault(new AddrInUse())!, /^Port 80 on 10\.0\.0\.9 is in use: .* PORT=81$/);
  assert.match(fault(new AddrNotAvailable())!, /^HOST 10\.0\.0\.9 is no address of this machine/);
  assert.match(fault(new PermissionDenied())!, /^Port 80 may not be used by this user/);
  assert.match(
    fault(new Error("failed to lookup address information"))!,
    /^HOST 10\.0\.0\.9 is no/,
  );
  assert.equal(fault(new Error("a defect")), null);
});

Deno.test("a host that is no address stops serve with a sentence", async () => {
  const { code, text } = await runGlance(["serve"], { HOST: "256.1.1.1", PORT: "0" });
  assert.equal(code, 1);
  assert.equal(
    text,
    "HOST 256.1.1.1 is no address and no known name: write an address such as 127.0.0.1\n",
  );
});

Deno.test("a folder of the database that cannot be made is named with what stands in its way", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "");
  const { code, text } = await runGlance(["serve"], {
    DATABASE_PATH: `${folder}/file/glance.db`,
    PORT: "0",
  });
  assert.equal(code, 1);
  assert.equal(
    text,
    `DATABASE_PATH: The folder ${folder}/file/ cannot be made: a file is in its way\n`,
  );
  assert.match(folderFault(new NotCapable(), "/x")!, /deno task start may write to \.\/data alone/);
  assert.equal(folderFault(new Error("a defect"), "/x"), null);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a mistyped command or option names the one that was meant", async () => {
  const command = await runGlance(["servee"], {});
  assert.match(command.text, /^Unknown command servee: .*; did you mean serve\?\n$/);
  const option = await runGlance(["serve", "--confg", "x.yml"], {});
  assert.equal(option.text, "Unknown option --confg: see glance help; did you mean config?\n");
});

Deno.test("a file that is missing or a folder is named without what the system calls it", async () => {
  const missing = await runGlance(["explain", "none.json"], {});
  assert.equal(missing.text, "There is no such file: none.json\n");
  const folder = await runGlance(["explain", "tests"], {});
  assert.equal(folder.text, "tests cannot be read: it is a folder\n");
  assert.match(explainError(new Error("a defect")), /\n\s+at /);
});
