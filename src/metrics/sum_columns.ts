/**
 * Sums by place, packed in columns: an account with years of payments has hundreds of thousands of
 * them, and as objects they would take ten times the room.
 *
 * @module
 */

/** Sums in minor units of one currency; `net` is `amount` − `fee`. */
export interface Sums {
  readonly amount: bigint;
  readonly fee: bigint;
  readonly net: bigint;
  readonly count: number;
}

export interface SumColumns {
  add(place: number, sums: Sums): void;
  /** By place, upwards. */
  entries(): (readonly [place: number, sums: Sums])[];
}

const FIRST_ROWS = 4;
const COLUMNS = 3;

/** Whether columns have room for them: 64 bits each. */
function fits({ amount, fee, net }: Sums): boolean {
  return [amount, fee, net].every((sum) => BigInt.asIntN(64, sum) === sum);
}

/** Places are whole numbers below 2³². */
export function createSumColumns(): SumColumns {
  let places = new Uint32Array(FIRST_ROWS);
  let counts = new Int32Array(FIRST_ROWS);
  let values = new BigInt64Array(FIRST_ROWS * COLUMNS);
  let size = 0;
  /** What outgrows its columns, in place of its row. */
  const large = new Map<number, Sums>();

  /** The row of a place; a new one where it has none. Few enough to be looked through. */
  function rowOf(place: number): number {
    const row = places.subarray(0, size).indexOf(place);
    if (row >= 0) return row;
    if (size === places.length) grow();
    places[size] = place;
    return size++;
  }

  function grow(): void {
    const rows = size * 2;
    const [oldPlaces, oldCounts, oldValues] = [places, counts, values];
    places = new Uint32Array(rows);
    counts = new Int32Array(rows);
    values = new BigInt64Array(rows * COLUMNS);
    places.set(oldPlaces);
    counts.set(oldCounts);
    values.set(oldValues);
  }

  function sumsIn(row: number): Sums {
    const at = row * COLUMNS;
    const [amount, fee, net] = [values[at]!, values[at + 1]!, values[at + 2]!];
    return { amount, fee, net, count: counts[row]! };
  }

  return {
    add(place, { amount, fee, net, count }) {
      const row = rowOf(place);
      const before = large.get(place) ?? sumsIn(row);
      const sums = {
        amount: before.amount + amount,
        fee: before.fee + fee,
        net: before.net + net,
        count: before.count + count,
      };
      if (!fits(sums)) return void large.set(place, sums);
      large.delete(place);
      values.set([sums.amount, sums.fee, sums.net], row * COLUMNS);
      counts[row] = sums.count;
    },
    entries: () =>
      Array.from({ length: size }, (_, row) => {
        const place = places[row]!;
        return [place, large.get(place) ?? sumsIn(row)] as const;
      }).sort(([a], [b]) => a - b),
  };
}
