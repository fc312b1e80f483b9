/**
 * The routes of money: `/api/v1/cash`, `/failed-payments`, `/renewals`, `/trials`, `/forecast`.
 *
 * @module
 */
import type { SourceView } from "../../src/store/port.ts";
import type { WidgetContext } from "../../src/widgets/context.ts";
import { NO_QUERY } from "../../src/widgets/query.ts";
import { reportingAt } from "../../src/widgets/slice.ts";
import { contextOf, secondsNow } from "../chrome.ts";
import type { AppDeps } from "../deps.ts";
import { cash } from "./cash.ts";
import { forecasts, renewals } from "./coming.ts";
import { failedPayments } from "./failed_payments.ts";
import { readCurrency, readFilter, readSource } from "./params.ts";
import type { FigureRoute, Json } from "./routes.ts";
import { trials } from "./trials.ts";

const CASH = [
  "cash",
  "cashGross",
  "cashRefunds",
  "cashDisputes",
  "cashFees",
  "cashTransfers",
  "cashNet",
  "cashPayouts",
  "cashOther",
  "expectedCash",
  "refundRate",
  "disputeRate",
] as const;
const FAILED = [
  "failedPayments",
  "recoveredPayments",
  "paidOffStripe",
  "lostPayments",
  "openPayments",
  "recoveryRate",
] as const;
const TRIALS = [
  "trialing",
  "newTrials",
  "trialingMrr",
  "trialConversion",
  "trialConversionStripe30",
] as const;

export function moneyRoutes(deps: AppDeps, figureRoute: FigureRoute): void {
  const reporting = (view: SourceView) => reportingAt(view, secondsNow(deps));

  /** The currency that is asked for, else each one that is billed in. */
  const inEach =
    (body: (contexts: readonly WidgetContext[], search: URLSearchParams) => Json) =>
    (_: SourceView, search: URLSearchParams) => {
      const view = readSource(search, deps.live());
      const asked = readCurrency(search, view, reporting(view));
      const contexts = asked !== null
        ? [contextOf(deps, view, { ...NO_QUERY, currency: asked })]
        : view.tally.currencies().map((currency) =>
          contextOf(deps, view, { ...NO_QUERY, currency, native: true })
        );
      return body(contexts, search);
    };

  /** The currency that is asked for, else the one that the page shows first. */
  const inOne =
    (body: (context: WidgetContext, search: URLSearchParams) => Json) =>
    (_: SourceView, search: URLSearchParams) => {
      // Not the filtered view that the envelope is of: the context filters by itself.
      const view = readSource(search, deps.live());
      const currency = readCurrency(search, view, reporting(view));
      const { price: plan, product, billing } = readFilter(search, view);
      return body(contextOf(deps, view, { ...NO_QUERY, currency, plan, product, billing }), search);
    };

  // The currency is one that is settled in, not one that is billed in.
  figureRoute(
    "/api/v1/cash",
    CASH,
    (view, search) => cash(contextOf(deps, view, NO_QUERY), search),
    ["balance_transactions", "payouts", "disputes"],
  );
  figureRoute("/api/v1/failed-payments", FAILED, inEach(failedPayments), ["invoices"]);
  figureRoute(
    "/api/v1/renewals",
    ["renewals", "collectionRate", "expectedCollections"],
    inEach(renewals),
    ["invoices"],
  );
  figureRoute("/api/v1/trials", TRIALS, inOne(trials));
  figureRoute(
    "/api/v1/forecast",
    ["forecast", "knownChanges", "trialForecast"],
    inOne(forecasts),
    ["subscription_schedules"],
  );
}
