/**
 * `/api/v1/sources`: which accounts there are and how far their synchronisation is.
 *
 * @module
 */
import type { SourceView } from "../../src/store/port.ts";
import { unreadByKind } from "../../src/widgets/unread.ts";
import type { Live } from "../deps.ts";
import { checkNames, readSource } from "./params.ts";
import { time } from "./values.ts";

export function sourceJson(view: SourceView) {
  const { info, status } = view;
  const { progress, history } = status;
  return {
    name: info.name,
    account: info.account,
    livemode: info.livemode,
    phase: status.phase,
    progress: progress && {
      done: progress.done,
      estimated: Math.round(progress.estimated),
      ratePerSecond: Math.round(progress.ratePerSecond),
      secondsLeft: progress.secondsLeft === null ? null : Math.ceil(progress.secondsLeft),
    },
    history: history && {
      month: history.month,
      months: history.months,
      secondsLeft: history.secondsLeft === null ? null : Math.ceil(history.secondsLeft),
    },
    historyDone: status.historyDone,
    corrections: view.corrections().length,
    reasons: status.reasons,
    unreadable: unreadByKind(view),
    asOf: time(status.asOf),
    staleSince: time(status.staleSince),
    problem: status.problem,
    lastEventAt: time(status.lastEventAt),
    lastReconcileAt: time(status.lastReconcileAt),
    drift: status.drift,
    comparing: status.comparing,
    compared: status.compared && { ...status.compared, at: time(status.compared.at) },
    permissions: status.permissions,
    breaker: status.breaker,
    readsThisMonth: status.reads,
  };
}

/** All sources, or the one that is asked for. */
export function sources(live: Live, search: URLSearchParams) {
  checkNames(search, []);
  const views = search.has("source") ? [readSource(search, live)] : [...live.sources.values()];
  return { data: views.map(sourceJson) };
}
