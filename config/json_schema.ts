/**
 * The JSON Schema of the configuration, for editors that complete and check YAML.
 *
 * @module
 */
import * as z from "zod";
import { configSchema } from "./schema.ts";

/**
 * Keys and values as they are written. Includes and variables in place of numbers are the loader's
 * and not part of it.
 */
export function configJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }),
    title: "BusinessGlance configuration",
  };
}
