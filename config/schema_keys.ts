/**
 * Which keys a schema knows at a path, for "did you mean".
 *
 * @module
 */
import * as z from "zod";
import type { Path } from "./report.ts";

type Schema = z.core.$ZodType;

/** The objects that a value may be, through optional, union, transform. */
function objectsIn(schema: Schema): z.ZodObject[] {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodOptional) return objectsIn(schema.unwrap());
  if (schema instanceof z.ZodPipe) return objectsIn(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(objectsIn);
  return [];
}

function step(schema: Schema, key: string | number): Schema[] {
  if (schema instanceof z.ZodOptional) return step(schema.unwrap(), key);
  if (schema instanceof z.ZodPipe) return step(schema.in, key);
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  return objectsIn(schema).flatMap(({ shape }) => shape[key] ?? []);
}

/** The keys that may stand at a path; empty where none is known. */
export function keysAt(schema: Schema, path: Path): string[] {
  let schemas = [schema];
  for (const key of path) schemas = schemas.flatMap((one) => step(one, key));
  return [...new Set(schemas.flatMap(objectsIn).flatMap(({ shape }) => Object.keys(shape)))];
}
