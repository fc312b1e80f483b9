/** YAML, includes, anchors and variables. */
import assert from "node:assert/strict";
import { faultsOf, load, loadText, problemsIn, TEST_KEY } from "./support.ts";

const PAGE = "columns: [{size: full, widgets: [{type: revenue}]}]";

Deno.test("an empty file is a configuration without keys", async () => {
  for (const text of ["", "\n", "# nothing\n", "pages:\n", "{}"]) {
    assert.equal((await loadText(text)).settings.pages[0]!.name, "Business", text);
  }
});

for (
  const [rule, text, expected] of [
    [
      "a tag that is not known",
      "server: !point {port: 1}",
      "line 1, column 9: has a tag that is not known: only !include is. Put the text in quotes if it is no tag",
    ],
    [
      "a key twice",
      "server:\n  port: 1\n  port: 2",
      "line 3, column 3: is there twice: keep one of them",
    ],
    [
      "an alias without anchor",
      "server: *none",
      "line 1, column 9: uses an alias whose anchor does not come before it",
    ],
    [
      "an alias that holds itself",
      "server: &a\n  port: *a",
      "line 2, column 9: uses an alias that holds itself",
    ],
    [
      "a second document",
      "server: {}\n---\nlog: {}",
      "line 2, column 1: begins a second document: keep one per file and remove the ---",
    ],
    ["a tab", "server:\n\tport: 1", "line 2, column 1: is indented by a tab: use spaces"],
    [
      "an open quote",
      "log:\n  level: 'info",
      "line 2, column 15: is no valid YAML: missing closing 'quote. Look at the indentation and at the quotes (a text with { or : needs them)",
    ],
    [
      "a bad indent",
      "server:\n  port: 1\n host: a",
      "line 3, column 1: is no valid YAML: all mapping items must start at the same column. Look at the indentation and at the quotes (a text with { or : needs them)",
    ],
    ["a key that is a list", "? [a]\n: 1", "line 1, column 3: is no key: keys are plain words"],
    [
      "a merge of a text",
      "server:\n  <<: 3",
      "line 2, column 3: must be an alias of a mapping, or a list of such",
    ],
    ["a list at the top", "- a", "line 1, column 1: must be a mapping of keys"],
    ["a number at the top", "3", "line 1, column 1: must be a mapping of keys"],
    [
      "bytes",
      "server: !!binary aGk=",
      "line 1, column 18: is a kind of value that is not supported: use text, numbers, true or false",
    ],
  ] as const
) {
  Deno.test(`${rule} is refused with its line and column`, async () => {
    assert.deepEqual(await faultsOf(text), [`glance.yml, ${expected}`]);
  });
}

Deno.test("anchors and merge keys work; a key of its own wins", async () => {
  const { settings } = await loadText(`
accounts:
  a: &base
    stripe-api-key: rk_test_a
    time-zone: Europe/Berlin
  b:
    <<: *base
    stripe-api-key: rk_test_b
  c:
    <<: [{account: acct_1}, *base, {account: acct_2}]
`);
  assert.deepEqual(
    settings.accounts.map((one) => [one.name, one.key.reveal(), one.timeZone, one.account]),
    [
      ["default", TEST_KEY, "UTC", null],
      ["a", "rk_test_a", "Europe/Berlin", null],
      ["b", "rk_test_b", "Europe/Berlin", null],
      ["c", "rk_test_a", "Europe/Berlin", "acct_1"],
    ],
  );
});

Deno.test("an alias bomb is refused", async () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let n = 1; n < 30; n++) {
    lines.push(`a${n}: &a${n} [${Array(10).fill(`*a${n - 1}`).join(", ")}]`);
  }
  const faults = await faultsOf(lines.join("\n"));
  assert.match(faults.join("\n"), /grows to more than 20000 values by its aliases and includes/);
});

for (const [what, text] of [["flow lists", "[".repeat(5000)], ["dashes", "- ".repeat(5000)]]) {
  Deno.test(`deep nesting by ${what} is refused`, async () => {
    const faults = await faultsOf(`server: ${what === "dashes" ? "\n  " : ""}${text}`);
    assert.equal(faults.length, 1);
    assert.match(faults[0]!, /is nested too deep|is no valid YAML/);
  });
}

Deno.test("nesting of 61 levels is refused", async () => {
  const faults = await faultsOf(`server: ${"[".repeat(61)}${"]".repeat(61)}`);
  assert.match(faults.join("\n"), /line 1, column 69: is nested too deep/);
});

Deno.test("a file of more than 256 KiB is refused", async () => {
  assert.deepEqual(await faultsOf(`# ${"x".repeat(256 * 1024)}`), [
    "glance.yml, line 1, column 1: is larger than 256 KiB: split it by $include, or look whether " +
    "it is the right file",
  ]);
});

Deno.test("$include and !include put a file in place, relative to the including one", async () => {
  const { settings, files } = await load({
    configPath: "etc/glance.yml",
    files: {
      "etc/glance.yml": [
        "server: !include server.yml",
        "log:",
        "  !include: log.yml",
        "$include: more/figures.yml",
        "pages:",
        "  - $include: pages/one.yml",
        "  - !include: pages/two.yml",
      ].join("\n"),
      "etc/server.yml": "port: 81",
      "etc/log.yml": "level: warn",
      "etc/more/figures.yml": "figures: {preset: recurly}",
      "etc/pages/one.yml": `name: One\n${PAGE}`,
      "etc/pages/two.yml": "name: Two\ncolumns:\n  - size: full\n    widgets: !include ../w.yml",
      "etc/w.yml": "- type: plans",
    },
  });
  assert.equal(settings.server.port, 81);
  assert.equal(settings.log.level, "warn");
  assert.equal(settings.figures.preset, "recurly");
  assert.deepEqual(settings.pages.map(({ name, slug }) => [name, slug]), [["One", ""], [
    "Two",
    "two",
  ]]);
  assert.equal(settings.pages[1]!.columns[0]!.widgets[0]!.type, "plans");
  assert.deepEqual(files, [
    "etc/glance.yml",
    "etc/server.yml",
    "etc/log.yml",
    "etc/more/figures.yml",
    "etc/pages/one.yml",
    "etc/pages/two.yml",
    "etc/w.yml",
  ]);
});

Deno.test("a list that is included as an item of a list stands there item by item", async () => {
  const { settings } = await load({
    files: {
      "glance.yml": "pages:\n  - $include: all.yml\n  - !include: three.yml\n",
      "all.yml": `- name: One\n  ${PAGE}\n- $include: two.yml\n`,
      "two.yml": `- name: Two\n  columns:\n    - $include: columns.yml\n`,
      "columns.yml": "- size: full\n  widgets: [{type: revenue}]\n- size: small\n  widgets: " +
        "[{type: plans}]\n",
      "three.yml": `name: Three\n${PAGE}`,
    },
  });
  assert.deepEqual(settings.pages.map(({ name }) => name), ["One", "Two", "Three"]);
  assert.deepEqual(settings.pages[1]!.columns.map(({ size }) => size), ["full", "small"]);
});

Deno.test("a fault behind a spliced list is counted on from it and named where it stands", async () => {
  const faults = await problemsIn(load({
    files: {
      "glance.yml": `pages:\n  - $include: all.yml\n  - name: Last\n    widht: slim\n    ${PAGE}\n`,
      "all.yml": `- name: One\n  ${PAGE}\n- name: Two\n  widht: slim\n  ${PAGE}\n`,
    },
  }));
  assert.deepEqual(faults, [
    "all.yml, line 4, column 3: pages[1].widht: is no known key; did you mean width?",
    "glance.yml, line 4, column 5: pages[2].widht: is no known key; did you mean width?",
  ]);
});

Deno.test("lists that include each other many times over are refused at once", async () => {
  const files: Record<string, string> = { "f12.yml": "[]" };
  for (let n = 0; n < 12; n++) {
    files[`f${n}.yml`] = `- $include: f${n + 1}.yml\n`.repeat(9);
  }
  const faults = await problemsIn(
    load({ files: { ...files, "glance.yml": "pages:\n  - $include: f0.yml" } }),
  );
  assert.match(faults.join("\n"), /grows to more than 20000 values by its aliases and includes/);
});

Deno.test("a fault of an included file names that file and its line", async () => {
  const faults = await problemsIn(load({
    files: {
      "glance.yml": "pages:\n  - $include: one.yml\n",
      "one.yml": `name: One\nwidht: slim\n${PAGE}`,
    },
  }));
  assert.deepEqual(faults, [
    "one.yml, line 2, column 1: pages[0].widht: is no known key; did you mean width?",
  ]);
});

Deno.test("an include that is not there is a fault of the including line, and of that alone", async () => {
  assert.deepEqual(await faultsOf("server:\n  port: 1\nlog: !include away.yml"), [
    "glance.yml, line 3, column 15: includes away.yml, which cannot be read: there is no such file",
  ]);
});

Deno.test("a circle of includes is refused", async () => {
  const faults = await problemsIn(load({
    files: { "glance.yml": "$include: a.yml", "a.yml": "$include: ./b/../glance.yml" },
  }));
  assert.deepEqual(faults, [
    "a.yml, line 1, column 11: includes glance.yml, which includes this file: break the circle",
  ]);
});

Deno.test("20 levels of includes are taken, 21 are not", async () => {
  const chain = (levels: number) => {
    const files: Record<string, string> = { [`f${levels}.yml`]: "port: 5" };
    for (let n = 0; n < levels; n++) files[`f${n}.yml`] = `$include: f${n + 1}.yml`;
    return { files: { ...files, "glance.yml": "server:\n  $include: f1.yml" } };
  };
  assert.equal((await load(chain(20))).settings.server.port, 5);
  assert.deepEqual(await problemsIn(load(chain(21))), [
    "f20.yml, line 1, column 11: includes more than 20 levels or 200 files",
  ]);
});

Deno.test("a key given by an include and beside it is refused", async () => {
  const faults = await problemsIn(load({
    files: { "glance.yml": "log:\n  level: info\n  $include: l.yml", "l.yml": "level: warn" },
  }));
  assert.deepEqual(faults, [
    "l.yml, line 1, column 1: is there twice, once by an include: keep one of them",
  ]);
});

Deno.test("variables stand in values: of the environment, of a secret, of a file", async () => {
  const { settings } = await load({
    env: { NAME: "Acme", PORT_NUMBER: "8443", OFF: "false", FOOT: "foot.txt" },
    files: {
      "/run/secrets/stripe": `${TEST_KEY}\n`,
      "foot.txt": "a: [b]\n",
      "glance.yml": `
server:
  port: \${PORT_NUMBER}
  proxied: \${OFF}
branding:
  app-name: "\${NAME} \${NAME}"
  logo-text: '\\\${NAME} \${PORT_NUMBER}'
  custom-footer: \${readFileFromEnv:FOOT}
accounts: {main: {stripe-api-key: '\${secret:stripe}'}}
`,
    },
  });
  assert.equal(settings.server.port, 8443);
  assert.equal(settings.server.proxied, false);
  assert.equal(settings.branding.appName, "Acme Acme");
  assert.equal(settings.branding.logoText, "${NAME} 8443");
  assert.equal(settings.branding.customFooter, "a: [b]");
  assert.equal(settings.accounts[0]!.key.reveal(), TEST_KEY);
});

Deno.test("a byte-order mark before a configuration or a secret is no part of it", async () => {
  const { settings } = await load({
    files: {
      "/run/secrets/stripe": `\uFEFF${TEST_KEY}\r\n`,
      "glance.yml":
        "\uFEFFlog: {level: warn}\naccounts: {main: {stripe-api-key: '${secret:stripe}'}}\n",
    },
  });
  assert.equal(settings.log.level, "warn");
  assert.equal(settings.accounts[0]!.key.reveal(), TEST_KEY);
});

Deno.test("a variable that is not set is a fault of its line, and the only one there", async () => {
  assert.deepEqual(
    await faultsOf(
      "server:\n  port: ${NONE}\naccounts:\n  a:\n    stripe-api-key: ${secret:none}\n    account: ${readFileFromEnv:NO}\n    time-zone: ${a b}\n",
    ),
    [
      "glance.yml, line 2, column 9: uses the variable NONE, which is not set: set it, or write " +
      "\\${ for the text",
      "glance.yml, line 5, column 21: uses the secret none of /run/secrets, which cannot be read: " +
      "there is no such file",
      "glance.yml, line 6, column 14: uses the variable NO, which is not set: set it, or write " +
      "\\${ for the text",
      "glance.yml, line 7, column 16: has ${…} in a form that is not known: it is ${NAME}, " +
      "${secret:name} or ${readFileFromEnv:NAME}. Write \\${ for the characters themselves",
    ],
  );
});

Deno.test("a secret's name does not lead out of its folder", async () => {
  assert.match((await faultsOf("branding: {logo-text: '${secret:../passwd}'}"))[0]!, /form that/);
  assert.match((await faultsOf("branding: {logo-text: '${secret:..}'}"))[0]!, /form that/);
});

Deno.test("a variable's value is text: it never becomes YAML or another variable", async () => {
  const { settings } = await loadText("branding: {logo-text: '${A}'}", { A: "${B}: [1]" });
  assert.equal(settings.branding.logoText, "${B}: [1]");
});

Deno.test("a key named __proto__ is an unknown key and nothing else", async () => {
  assert.match((await faultsOf("__proto__: {a: 1}")).join(), /__proto__: is no known key/);
});

Deno.test("__proto__ is no name anywhere, and is refused with its line", async () => {
  for (
    const text of [
      "accounts:\n  __proto__: { stripe-api-key: rk_test_x }",
      "auth:\n  users:\n    ann: { password-hash: x }\n    __proto__: { password-hash: x }",
      "theme: { presets: { __proto__: { light: true } } }",
    ]
  ) {
    const faults = await faultsOf(text);
    assert.match(
      faults.join("\n"),
      /line \d.*__proto__ is a word of the program's language and no name: choose another/,
      text,
    );
  }
});

Deno.test("no account, user, token or preset is called like what every object has", async () => {
  for (const name of ["constructor", "toString", "valueOf", "hasOwnProperty", "__defineGetter__"]) {
    for (
      const text of [
        `accounts: { ${name}: { stripe-api-key: rk_test_x } }`,
        `auth: { users: { ${name}: { password-hash: x } } }`,
      ]
    ) {
      if (name.startsWith("_") && text.startsWith("accounts")) continue;
      const faults = await faultsOf(text);
      assert.match(faults.join("\n"), /is a word of the program's language: choose another name/);
    }
  }
  const preset = await faultsOf("theme: { presets: { constructor: { light: true } } }");
  assert.match(preset.join("\n"), /is a word of the program's language: choose another name/);
});
