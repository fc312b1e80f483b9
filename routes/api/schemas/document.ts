/**
 * The OpenAPI 3.1 document of the JSON interface, generated from the schemas that tests parse the
 * real answers with. Loaded when it is first asked for, as zod takes its time to load.
 *
 * @module
 */
import * as z from "zod";
import { problem } from "./parts.ts";
import { API_ROUTES, type ApiRoute, EXPORT, type ParameterName, PARAMETERS } from "./table.ts";

type Json = Readonly<Record<string, unknown>>;

/** As JSON Schema 2020-12, which is what OpenAPI 3.1 takes. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12" });
  return rest;
}

function parameter(name: ParameterName): Json {
  const { text, ...more } = PARAMETERS[name];
  return {
    name,
    in: "query",
    required: false,
    description: text,
    schema: { type: "string", ...("words" in more ? { enum: more.words } : {}) },
  };
}

/** `revenueHistory` of `/revenue/history`. */
function nameOf(path: string): string {
  return path.slice(1).replaceAll(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase());
}

const FAILURE = { $ref: "#/components/responses/Problem" };

interface Operation {
  readonly path: string;
  readonly summary: string;
  readonly parameters: readonly ParameterName[];
}

/** What all routes have in common. */
function operation(
  { path, summary, parameters }: Operation,
  content: Json,
  more: readonly Json[] = [],
): Json {
  return {
    get: {
      operationId: nameOf(path),
      summary,
      parameters: [
        ...more,
        ...parameters.map((name) => ({ $ref: `#/components/parameters/${name}` })),
      ],
      responses: {
        200: { description: summary, headers: { ETag: { schema: { type: "string" } } }, content },
        304: { description: "Nothing has changed since the ETag that was sent" },
        400: FAILURE,
        401: FAILURE,
        403: FAILURE,
        404: FAILURE,
        503: FAILURE,
      },
    },
  };
}

function figureOperation(route: ApiRoute): Json {
  return operation(route, {
    "application/json": { schema: { $ref: `#/components/schemas/${nameOf(route.path)}` } },
    "text/csv": {
      schema: {
        type: "string",
        description: "The same rows; the head of a column of money names its unit: " +
          "`mrr (minor units)`, `mrrExact (minor units)`",
      },
    },
  });
}

function exportOperation(): Json {
  const schema = { type: "string", enum: EXPORT.formats };
  return operation(EXPORT, { "text/plain": { schema: { type: "string" } } }, [
    { name: "format", in: "query", required: true, description: "How it is written", schema },
  ]);
}

/** The document. @param version Of the program. @param base The path of `server.base-url`. */
export function openApiDocument(version: string, base: string): Json {
  const schemas = API_ROUTES.map(({ path, answer }) => [nameOf(path), schemaOf(answer)]);
  const names = Object.keys(PARAMETERS) as ParameterName[];
  return {
    openapi: "3.1.0",
    info: {
      title: "BusinessGlance",
      version,
      description: "The same figures as the dashboard. Every amount is given twice: in whole " +
        "minor units, and exactly as a fraction. What is unknown is null, with its reason.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: `${base}/api/v1` }],
    security: [{ session: [] }, { token: [] }],
    paths: {
      ...Object.fromEntries(API_ROUTES.map((route) => [route.path, figureOperation(route)])),
      [EXPORT.path]: exportOperation(),
    },
    components: {
      parameters: Object.fromEntries(names.map((name) => [name, parameter(name)])),
      responses: {
        Problem: {
          description: "What is wrong, and the parameter at fault",
          content: {
            "application/problem+json": { schema: { $ref: "#/components/schemas/problem" } },
          },
        },
      },
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "__Host-session" },
        token: {
          type: "http",
          scheme: "bearer",
          description: "A token with the scope read:dashboard, of glance token:create",
        },
      },
      schemas: { ...Object.fromEntries(schemas), problem: schemaOf(problem) },
    },
  };
}
