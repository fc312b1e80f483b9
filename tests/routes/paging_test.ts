/** Long tables come in pages of 100 rows. */
import assert from "node:assert/strict";
import { pageOf, pagingOf } from "../../routes/paging.ts";

Deno.test("the second of three pages names its rows and both its neighbours", () => {
  assert.deepEqual(pagingOf("/explain/mrr?plan=price_1", 2, 204), {
    text: "101 to 200 of 204",
    previous: { text: "Previous", href: "/explain/mrr?plan=price_1" },
    next: { text: "Next", href: "/explain/mrr?plan=price_1&page=3" },
  });
});

Deno.test("a page past the end is the last one, and what is no page the first", () => {
  const asked = (page: string) => pageOf(new URLSearchParams({ page }), 204);
  assert.deepEqual([asked("999"), asked("3"), asked("0"), asked("-1"), asked("x")], [
    3,
    3,
    1,
    1,
    1,
  ]);
  assert.equal(pageOf(new URLSearchParams({ page: "7" }), 0), 1);
});
