import assert from "node:assert/strict";
import fc from "fast-check";
import type { Hsl } from "../../src/widgets/models.ts";
import { contrastOf, schemeOf, themeCss, tokens } from "../../views/theme.ts";

Deno.test("a theme without colours adds no style", () => assert.equal(themeCss({}), ""));

Deno.test("a configured background is taken as it is, and its lightness names the scheme", () => {
  const css = themeCss({ background: { hue: 240, saturation: 8, lightness: 9 } });
  assert.match(css, /^:root\{color-scheme:dark;--bg:hsl\(240 8% 9%\);/);
  assert.equal(schemeOf({ background: { hue: 50, saturation: 30, lightness: 95 } }), "light");
});

Deno.test("a primary colour alone follows the system's scheme", () => {
  const css = themeCss({ primary: { hue: 43, saturation: 50, lightness: 70 } });
  assert.match(css, /color-scheme:light dark;/);
  assert.match(css, /--accent:light-dark\(hsl\(43 50% \d+%\),hsl\(43 50% 70%\)\)/);
});

Deno.test("black on white has a contrast of 21", () => {
  const grey = (lightness: number): Hsl => ({ hue: 0, saturation: 0, lightness });
  assert.equal(contrastOf(grey(0), grey(100)), 21);
});

Deno.test("on any dark background, text and signals reach AA", () => {
  const hsl = (from: number, to: number) =>
    fc.record({
      hue: fc.integer({ min: 0, max: 359 }),
      saturation: fc.integer({ min: 0, max: 100 }),
      lightness: fc.integer({ min: from, max: to }),
    });
  fc.assert(fc.property(hsl(0, 14), hsl(0, 100), (background, primary) => {
    const found = tokens({ background, primary, positive: primary, negative: primary }, "dark");
    for (const name of ["text", "muted", "faint", "accent", "good", "bad"]) {
      assert.ok(contrastOf(found[name]!, found.card!) >= 4.5, name);
    }
  }));
});
