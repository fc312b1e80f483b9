/** The company's time and a queue of what is due: changes already decided, and renewals. */
import { current, dueAt, periodOf, type Sub } from "./state.ts";

export interface Clock {
  readonly now: () => number;
  readonly set: (now: number) => void;
  /** Takes a subscription whose next time has come, with that time; null when none is left. */
  readonly take: (until: number) => { readonly sub: Sub; readonly at: number } | null;
  /** Queues a subscription (again) by its state as it is now. */
  readonly queue: (sub: Sub, after: number) => void;
}

interface Waiting {
  readonly at: number;
  readonly sub: Sub;
  readonly states: number;
}

/** The next renewal or decided change of a subscription; null for one that ended. */
function nextTime(sub: Sub, after: number): number | null {
  const state = current(sub);
  if (state.status === "canceled") return null;
  const { end } = periodOf(state, after);
  return Math.min(end, dueAt(state) ?? end);
}

function swap(heap: Waiting[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b]!, heap[a]!];
}

/** Earlier first; within a second by index, so that the order never depends on chance. */
function isBefore(a: Waiting, b: Waiting): boolean {
  return a.at === b.at ? a.sub.index < b.sub.index : a.at < b.at;
}

function push(heap: Waiting[], entry: Waiting): void {
  let index = heap.push(entry) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(heap[index]!, heap[parent]!)) return;
    swap(heap, index, parent);
    index = parent;
  }
}

function pop(heap: Waiting[]): Waiting | undefined {
  if (heap.length === 0) return undefined;
  swap(heap, 0, heap.length - 1);
  const first = heap.pop();
  for (let index = 0;;) {
    let least = index;
    for (const child of [2 * index + 1, 2 * index + 2]) {
      if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
    }
    if (least === index) return first;
    swap(heap, index, least);
    index = least;
  }
}

export function createClock(subs: readonly Sub[], start: number): Clock {
  const heap: Waiting[] = [];
  let now = start;

  function queue(sub: Sub, after: number): void {
    const at = nextTime(sub, after);
    if (at !== null) push(heap, { at, sub, states: sub.states.length });
  }
  function take(until: number) {
    while (heap.length > 0 && heap[0]!.at <= until) {
      const { sub, at, states } = pop(heap)!;
      // A subscription that changed since was queued again; this entry is out of date.
      if (sub.states.length === states) return { sub, at };
    }
    return null;
  }
  for (const sub of subs) queue(sub, start);
  return { now: () => now, set: (next) => now = next, take, queue };
}
