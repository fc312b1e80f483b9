/** Reload on change, with events and time in hand. */
import assert from "node:assert/strict";
import type { Loaded } from "../../config/load.ts";
import { ConfigError } from "../../config/problems.ts";
import {
  type ConfigWatch,
  type FileEvent,
  type FolderWatcher,
  STREAM_MS,
  watchConfig,
} from "../../config/watch.ts";

/** A watcher whose events a test sends. */
function fakeWatcher() {
  const events: FileEvent[] = [];
  let wake = () => {};
  let closed = false;
  const watcher: FolderWatcher = {
    close() {
      closed = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      while (true) {
        for (let event = events.shift(); event; event = events.shift()) yield event;
        if (closed) return;
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
  return {
    watcher,
    closed: () => closed,
    send(event: FileEvent) {
      events.push(event);
      wake();
    },
  };
}

/** Lets everything that waits for promises alone go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

const loadedOf = (files: string[], isEmpty = false) =>
  ({ files, configPath: files[0]!, isEmpty }) as unknown as Loaded;

function bench(files: string[], load: () => Promise<Loaded>, isEmpty = false) {
  const folders = new Map<string, ReturnType<typeof fakeWatcher>>();
  const seen: (string | Loaded)[] = [];
  let timer: (() => void) | null = null;
  let stream: (() => void) | null = null;
  const delays: number[] = [];
  const watch: ConfigWatch = watchConfig({
    files,
    isEmpty,
    load,
    onLoaded: (loaded) => seen.push(loaded),
    onFault: (error) => seen.push(error.message),
    watch(folder) {
      if (folder === "away") throw new Error("no such folder");
      const fake = fakeWatcher();
      folders.set(folder, fake);
      return fake.watcher;
    },
    schedule(callback, delayMs) {
      if (delayMs === STREAM_MS) {
        stream = callback;
        return () => stream = null;
      }
      timer = callback;
      delays.push(delayMs);
      return () => timer = null;
    },
  });
  return {
    watch,
    seen,
    folders,
    delays,
    pending: () => timer !== null,
    async change(folder: string, path: string, kind = "modify") {
      folders.get(folder)!.send({ kind, paths: [path] });
      await settle();
    },
    /** Five seconds are over since the first change. */
    async fiveSeconds() {
      stream?.();
      await settle();
    },
    async quiet() {
      const callback = timer;
      timer = null;
      callback?.();
      await settle();
    },
  };
}

Deno.test("a change is loaded once it was quiet for 500 ms; a burst counts as one", async () => {
  let loads = 0;
  const loaded = loadedOf(["glance.yml"]);
  const b = bench(["glance.yml"], () => (loads++, Promise.resolve(loaded)));
  for (let n = 0; n < 5; n++) await b.change(".", "/srv/glance.yml");
  assert.equal(loads, 0);
  assert.deepEqual(new Set(b.delays), new Set([500]));
  await b.quiet();
  assert.equal(loads, 1);
  assert.deepEqual(b.seen, [loaded]);
  b.watch.stop();
});

Deno.test("a stream of saves that is never quiet is loaded after five seconds, and once", async () => {
  let loads = 0;
  const b = bench(["glance.yml"], () => (loads++, Promise.resolve(loadedOf(["glance.yml"]))));
  for (let n = 0; n < 20; n++) await b.change(".", "/srv/glance.yml");
  assert.equal(STREAM_MS, 5000);
  await b.fiveSeconds();
  assert.equal(loads, 1);
  assert.equal(b.pending(), false);
  await b.fiveSeconds();
  assert.equal(loads, 1);
  b.watch.stop();
});

Deno.test("an editor that renames a file over it is seen; other files and mere reading are not", async () => {
  const b = bench(["etc/glance.yml"], () => Promise.resolve(loadedOf(["etc/glance.yml"])));
  await b.change("etc", "/srv/etc/other.db");
  await b.change("etc", "/srv/etc/glance.yml", "access");
  assert.equal(b.pending(), false);
  await b.change("etc", "/srv/etc/glance.yml", "rename");
  assert.equal(b.pending(), true);
  b.watch.stop();
});

Deno.test("Kubernetes' swap of a mounted folder is seen", async () => {
  const b = bench(["etc/glance.yml"], () => Promise.resolve(loadedOf([])));
  await b.change("etc", "/etc/..data", "create");
  assert.equal(b.pending(), true);
  b.watch.stop();
});

Deno.test("a fault is told with its place, and the next good change is taken", async () => {
  const fault = new ConfigError([
    { message: "must be a number", file: "glance.yml", line: 3, column: 9, key: "server.port" },
  ], ["glance.yml"]);
  const good = loadedOf(["glance.yml"]);
  const answers = [() => Promise.reject(fault), () => Promise.resolve(good)];
  const b = bench(["glance.yml"], () => answers.shift()!());
  await b.change(".", "glance.yml");
  await b.quiet();
  assert.deepEqual(b.seen, [
    "The configuration has a problem:\n" +
    "- glance.yml, line 3, column 9: server.port: must be a number",
  ]);
  await b.change(".", "glance.yml");
  await b.quiet();
  assert.equal(b.seen[1], good);
  b.watch.stop();
});

Deno.test("folders of new includes are watched, those of former ones are let go", async () => {
  const answers = [["glance.yml", "b/two.yml"], ["glance.yml"]];
  const b = bench(["glance.yml", "a/one.yml"], () => Promise.resolve(loadedOf(answers.shift()!)));
  assert.deepEqual([...b.folders.keys()], [".", "a"]);
  await b.change("a", "/srv/a/one.yml");
  await b.quiet();
  assert.equal(b.folders.get("a")!.closed(), true);
  await b.change("b", "/srv/b/two.yml");
  await b.quiet();
  assert.equal(b.folders.get("b")!.closed(), true);
  assert.equal(b.folders.get(".")!.closed(), false);
  b.watch.stop();
});

Deno.test("the file of an include that was at fault is watched too", async () => {
  const b = bench(
    ["glance.yml"],
    () => Promise.reject(new ConfigError([], ["glance.yml", "new/one.yml", "away/two.yml"])),
  );
  await b.change(".", "glance.yml");
  await b.quiet();
  assert.deepEqual([...b.folders.keys()], [".", "new"]);
  b.watch.stop();
});

Deno.test("of two loads the later one counts, whichever ends last", async () => {
  const waiting: ((loaded: Loaded) => void)[] = [];
  const b = bench(["glance.yml"], () => new Promise((resolve) => waiting.push(resolve)));
  for (let n = 0; n < 2; n++) {
    await b.change(".", "glance.yml");
    await b.quiet();
  }
  const second = loadedOf(["glance.yml"]);
  waiting[1]!(second);
  waiting[0]!(loadedOf(["glance.yml"]));
  await settle();
  assert.deepEqual(b.seen.length, 1);
  assert.equal(b.seen[0], second);
  b.watch.stop();
});

Deno.test("after the stop nothing is told any more and every watcher is closed", async () => {
  let answer = (_: Loaded) => {};
  const b = bench(["glance.yml"], () => new Promise((resolve) => answer = resolve));
  await b.change(".", "glance.yml");
  await b.quiet();
  b.watch.stop();
  answer(loadedOf(["glance.yml"]));
  await settle();
  assert.deepEqual(b.seen, []);
  assert.equal(b.folders.get(".")!.closed(), true);
});

Deno.test("a file that is empty and was not before is not taken; one that always was is", async () => {
  let next = loadedOf(["glance.yml"], true);
  const b = bench(["glance.yml"], () => Promise.resolve(next));
  await b.change(".", "glance.yml");
  await b.quiet();
  assert.equal(b.seen.length, 1);
  assert.match(String(b.seen[0]), /glance\.yml, line 1, column 1: the file is empty and was not/);
  next = loadedOf(["glance.yml"]);
  await b.change(".", "glance.yml");
  await b.quiet();
  assert.equal(b.seen[1], next);
  b.watch.stop();

  const empty = loadedOf(["glance.yml"], true);
  const always = bench(["glance.yml"], () => Promise.resolve(empty), true);
  await always.change(".", "glance.yml");
  await always.quiet();
  assert.deepEqual(always.seen, [empty]);
  always.watch.stop();
});

Deno.test("what asks for it is loaded anew without a change, until the stop", async () => {
  const loaded = loadedOf(["glance.yml"]);
  const b = bench(["glance.yml"], () => Promise.resolve(loaded));
  b.watch.reload();
  await settle();
  assert.deepEqual(b.seen, [loaded]);
  b.watch.stop();
  b.watch.reload();
  await settle();
  assert.equal(b.seen.length, 1);
});
