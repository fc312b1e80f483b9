/**
 * The packages that the program uses, and no others: what the image's first layer is filled with,
 * before any source of ours is there. A test holds this list to what is really imported.
 *
 * @module
 */
import "csv-parse/sync";
import "d3-array";
import "hono";
import "htm";
import "postgres";
import "preact";
import "preact-render-to-string";
import "stripe";
import "temporal-polyfill/global";
import "yaml";
import "zod";
