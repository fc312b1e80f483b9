// The page is whole without this. It keeps figures current, tells ages, reads out charts by
// pointer and arrow keys, and closes what was opened.

const page = document.querySelector("main[data-poll]");
const tags = new Map();
/** Seconds between two looks beside an open stream, which a proxy may hold back. */
const SLOW = 60;
/** Where the dashboard begins: a proxy may serve it under a path. */
const root = new URL("..", import.meta.url).pathname;
let stream;
/** Whether the stream was cut. */
let cut = false;
/** The look under way, and whether another is wanted after it. */
let looking, again;
const FIGURES = ".metric-primary,.metric-value,.step-amount,.plans .number,.lines dd,.need .amount";

/** What the reader has open, scrolled and focused inside a widget, by place. */
function remember(widget) {
  const all = [...widget.querySelectorAll("*")];
  return {
    open: [...widget.querySelectorAll("details")].map((details) => details.open),
    scrolled: [...widget.querySelectorAll(".scroll")].map((box) => box.scrollLeft),
    focused: all.indexOf(document.activeElement),
    column: widget.querySelector(".chart-container")?.dataset.at,
  };
}

function restore(widget, { open, scrolled, focused, column }) {
  widget.querySelectorAll("details").forEach((details, i) => details.open = open[i] ?? false);
  widget.querySelectorAll(".scroll").forEach((box, i) => box.scrollLeft = scrolled[i] ?? 0);
  const chart = widget.querySelector("[data-chart]");
  if (chart) {
    prepare(chart);
    if (column) readOut(chart, +column);
  }
  if (focused >= 0) widget.querySelectorAll("*")[focused]?.focus({ preventScroll: true });
}

/** Marks what changed; the stylesheet moves it, unless less motion is asked for. */
function markChanges(old, fresh) {
  const before = [...old.querySelectorAll(FIGURES)].map((figure) => figure.textContent);
  const after = fresh.querySelectorAll(FIGURES);
  if (after.length === before.length) {
    after.forEach((figure, i) =>
      figure.classList.toggle("arrived", figure.textContent !== before[i])
    );
  }
  const known = new Set([...old.querySelectorAll("[data-key]")].map((row) => row.dataset.key));
  if (!known.size) return;
  for (const row of fresh.querySelectorAll("[data-key]")) {
    row.classList.toggle("arrived", !known.has(row.dataset.key));
  }
}

function swap(old, text) {
  const template = document.createElement("template");
  template.innerHTML = text;
  const fresh = template.content.firstElementChild;
  if (!fresh || fresh.outerHTML === old.outerHTML) return;
  // A card in the place of all widgets comes or goes.
  if (fresh.dataset.shape !== old.dataset.shape) return location.reload();
  const memory = remember(old);
  markChanges(old, fresh);
  old.replaceWith(fresh);
  restore(fresh, memory);
}

async function refresh(id) {
  const headers = tags.has(id) ? { "If-None-Match": tags.get(id) } : {};
  const answer = await fetch(`${root}api/widgets/${id}${location.search}`, {
    headers,
    signal: AbortSignal.timeout(10_000),
  });
  if (answer.status === 401) return location.reload();
  if (answer.status >= 500) throw new Error("the server is not well");
  const old = document.querySelector(`[data-widget="${id}"]`);
  if (answer.status === 404) old?.removeAttribute("data-widget");
  if (!answer.ok || !old) return;
  tags.set(id, answer.headers.get("ETag") ?? "");
  swap(old, await answer.text());
}

function tellState(failed) {
  for (const mark of document.querySelectorAll(".offline")) mark.hidden = !failed && !cut;
}

async function lookOnce() {
  const ids = [...document.querySelectorAll("[data-widget]")].map((old) => old.dataset.widget);
  const results = await Promise.allSettled(ids.map(refresh));
  tellState(results.some(({ status }) => status === "rejected"));
  tellAges();
}

/** One look at a time; what is asked for meanwhile is one more. */
async function look() {
  again = !document.hidden;
  if (looking) return;
  looking = true;
  while (again) {
    again = false;
    await lookOnce().catch(() => {});
  }
  looking = false;
}

/** Asks by itself, often where nothing tells what changes. */
function keepLooking() {
  const seconds = stream?.readyState === 1 ? SLOW : page.dataset.poll;
  setTimeout(() => look().then(keepLooking), seconds * 1000);
}

function listen() {
  stream = new EventSource(`${root}api/stream?since=${page.dataset.stream}`);
  let opened = false;
  stream.onopen = () => {
    opened = true;
    if (cut) look();
    cut = false;
  };
  stream.onmessage = look;
  stream.onerror = () => {
    // A server that has no stream for this page is not away.
    tellState(cut = opened);
    if (stream.readyState === 2) setTimeout(listen, SLOW * 1000);
  };
}

function tellAges() {
  for (const time of document.querySelectorAll("time[data-age]")) {
    const s = Math.max(0, Math.round((Date.now() - Date.parse(time.dateTime)) / 1000));
    const [count, unit] = s < 60 ? [s, "s"] : s < 3600 ? [s / 60, "min"] : [s / 3600, "h"];
    time.textContent = `${Math.floor(count)} ${unit} ago`;
  }
}

function prepare(chart) {
  chart.tabIndex = 0;
  chart.setAttribute("role", "group");
  chart.setAttribute("aria-label", `${chart.dataset.label} Arrow keys read out a month.`);
}

/** Copies a row of the chart's own table into its legend. */
function readOut(chart, at) {
  const figure = chart.closest("figure");
  const columns = chart.querySelectorAll(".col");
  const row = figure.querySelector("tbody").rows[at];
  if (!row) return;
  chart.dataset.at = at;
  columns.forEach((column, i) => column.classList.toggle("on", i === at));
  const readout = figure.querySelector("[data-readout]");
  readout.setAttribute("aria-live", "polite");
  for (const cell of readout.querySelectorAll("[data-col]")) {
    cell.textContent = row.cells[cell.dataset.col].textContent.trim();
  }
}

function endReadOut(chart) {
  readOut(chart, chart.querySelectorAll(".col").length - 1);
  chart.querySelector(".col.on")?.classList.remove("on");
  delete chart.dataset.at;
}

document.addEventListener("pointerover", ({ target }) => {
  const column = target.closest?.(".col");
  const chart = target.closest?.("[data-chart]");
  if (column) readOut(chart, [...chart.querySelectorAll(".col")].indexOf(column));
  else if (!chart) {
    for (const left of document.querySelectorAll("[data-at]:not(:focus)")) endReadOut(left);
  }
});

document.addEventListener("focusout", ({ target }) => {
  if (target.matches("[data-at]")) endReadOut(target);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeAll();
  const chart = event.target;
  if (!chart.matches?.("[data-chart]")) return;
  const last = chart.querySelectorAll(".col").length - 1;
  const at = +(chart.dataset.at ?? last);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  readOut(chart, Math.min(last, Math.max(0, to)));
});

function closeAll(but) {
  for (const open of document.querySelectorAll("details:is(.def,.menu)[open]")) {
    if (open !== but) open.open = false;
  }
}

document.addEventListener("click", ({ target }) => closeAll(target.closest("details")));
document.addEventListener("visibilitychange", () => page && look());
document.querySelectorAll("[data-chart]").forEach(prepare);
tellAges();
setInterval(tellAges, 1000);
if (page) {
  listen();
  keepLooking();
}
