/**
 * Keeps a slow answer from undoing a newer one: requests are numbered when they begin, and what one
 * brought is dropped where a later one was applied already (metrics.md D.4.5).
 *
 * @module
 */

export interface OrderedFetch {
  /** Whether what a later request brought of an object is applied already. */
  isLate(object: string): boolean;
  /** Whether what this request brought of an object is to be applied; notes that it is. */
  claim(object: string): boolean;
  /** It will bring nothing more. */
  end(): void;
}

export interface FetchOrder {
  begin(): OrderedFetch;
  /** Objects that are remembered, none when nothing is under way. */
  size(): number;
}

export function createFetchOrder(): FetchOrder {
  const underWay = new Set<number>();
  const applied = new Map<string, number>();
  let last = 0;

  /** Only a request that began before one was applied can bring something older. */
  function forget(): void {
    const oldest = underWay.values().next().value ?? Infinity;
    for (const [object, number] of applied) if (number <= oldest) applied.delete(object);
  }

  return {
    begin() {
      const number = ++last;
      underWay.add(number);
      const isLate = (object: string) => (applied.get(object) ?? 0) > number;
      return {
        isLate,
        claim(object) {
          if (isLate(object)) return false;
          applied.set(object, number);
          return true;
        },
        end() {
          if (underWay.delete(number)) forget();
        },
      };
    },
    size: () => applied.size,
  };
}
