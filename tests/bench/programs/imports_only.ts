/**
 * A process that only imports what every dashboard needs and answers 200: the baseline of starting.
 *
 * @module
 */
import { Hono } from "hono";
import { h } from "preact";
import Stripe from "stripe";
import { z } from "zod";

const body = [Hono, h, Stripe, z].map((each) => typeof each).join(" ");
Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")), onListen: () => {} },
  () => new Response(body),
);
