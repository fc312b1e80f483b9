/**
 * Golden cases worked out by hand: a full Stripe-shaped subscription and options with its exact
 * MRR, and the figures that follow from it (`golden_figures.ts`). Runs every `*.json` of the folder named by `GOLDEN_DIR` (default `tests/golden`), one
 * test a case. A case of an unknown kind, or with an unknown option, fails.
 */
import assert from "node:assert/strict";
import { explainSubscription } from "../../src/stripe/explain.ts";
import { displayDigitsOf, exponentOf } from "../../src/metrics/currency.ts";
import { rational, round } from "../../src/metrics/rational.ts";
import { FIGURES, type Input } from "./golden_figures.ts";

interface MrrCase {
  readonly name: string;
  readonly subscription: unknown;
  readonly options: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, number>>;
  readonly exact?: Readonly<Record<string, string>>;
  readonly expected_issues?: readonly string[];
  readonly display?: Readonly<Record<string, string>>;
}

/** Major units with the digits that the currency is shown with. */
function inMajorUnits(minor: number, currency: string): string {
  const digits = displayDigitsOf(currency);
  const shown = round(rational(BigInt(minor), 10n ** BigInt(exponentOf(currency) - digits)));
  if (digits === 0) return String(shown);
  const text = String(shown).padStart(digits + 1, "0");
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function checkMrr(golden: MrrCase): void {
  const result = explainSubscription(golden.subscription, golden.options, 0);
  assert.deepEqual(result.mrr, golden.expected);
  if (golden.exact) assert.deepEqual(result.exact, golden.exact);
  for (const issue of golden.expected_issues ?? []) {
    assert.ok(result.issues.includes(issue), `${issue} is reported`);
  }
  for (const [currency, shown] of Object.entries(golden.display ?? {})) {
    assert.equal(inMajorUnits(golden.expected[currency]!, currency), shown);
  }
}

const folder = Deno.env.get("GOLDEN_DIR") ?? new URL("../golden/", import.meta.url).pathname;
for (const { name } of [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".json"))) {
  const cases: Record<string, unknown>[] = JSON.parse(Deno.readTextFileSync(`${folder}/${name}`));
  for (const golden of cases) {
    Deno.test(`golden ${name}: ${golden.name}`, () => {
      if ("subscription" in golden) return checkMrr(golden as unknown as MrrCase);
      const figure = FIGURES[String(golden.kind)];
      assert.ok(figure, `a rule knows cases of kind ${JSON.stringify(golden.kind)}`);
      assert.deepEqual(figure(golden.input as Input), golden.expected);
    });
  }
}
