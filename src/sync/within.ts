/** Runs a piece of work under a name, for whoever watches; `run` alone where nobody does. */
export type Within = <T>(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  run: () => Promise<T>,
) => Promise<T>;

export const unwatched: Within = (_name, _attributes, run) => run();
