"use strict"; // Pages live, tell times by this clock, obey keys, ask before they act. All of them work without.
const QUICK = 2000, SLOW = 10000, GROWTH = 1.5, IDLE = 15 * 60 * 1000; // ms, and how it backs off
const PLACES = { n: "/", q: "/queue", h: "/history", t: "/timeline" };
const VERBS = { c: "cancel", p: "set-priority" };
const root = document.documentElement, base = root.dataset.base || "";
const main = document.getElementById("main"), chip = document.getElementById("live");
const find = (selector, where = document) => [...where.querySelectorAll(selector)];
const recall = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* so be it */ } };
const parse = (text) => new DOMParser().parseFromString(text, "text/html").body;
const make = (tag, values, ...content) => { const made = Object.assign(document.createElement(tag), values); made.append(...content); return made; };

// Live: one ordinary request for the same page, by the same rights, while somebody looks.
const panels = (where) => find("section[data-hash]", where);
const isLive = main !== null && chip !== null && panels(main).length > 0;
const isField = (element) => element?.matches?.("input:not([type=checkbox]), select, textarea, [contenteditable]") ?? false;
const selection = () => { const chosen = getSelection(); return chosen?.isCollapsed ? null : chosen; };
const isBusy = () => document.hidden || isField(document.activeElement) || selection() !== null
  || find("dialog[open], details.menu[open]").length > 0;
const isHeld = (panel) => (panel !== document.activeElement && panel.contains(document.activeElement))
  || find("details[open], input:checked", panel).length > 0 || (selection()?.containsNode(panel, true) ?? false);
let pause = QUICK, mark = "", timer = 0, least = 0, away = "", touched = Date.now(), isAsking = false;
let isStopped = recall("live") === "off", isOutdated = false, led = 0; // when g was pressed

function show() {
  const state = away ? "away" : isStopped ? "paused" : isBusy() ? "busy" : isOutdated ? "changed" : "live";
  const words = { away: `no answer since ${away}, trying again`, busy: "waits while you write or choose",
    changed: "this page has changed", paused: "paused", live: least > QUICK ? `every ${least / 1000} s` : "live" }[state];
  if (chip.dataset.words === words) return;
  const hasFocus = chip.contains(document.activeElement), act = state === "changed" ? () => location.reload() : () => halt(!isStopped);
  Object.assign(chip.dataset, { state, words });
  root.dataset.state = state; chip.hidden = false;
  chip.replaceChildren(words, " ", away ? "" : make("button", { type: "button", onclick: act }, { paused: "resume", changed: "reload" }[state] ?? "pause"));
  if (hasFocus) chip.querySelector("button")?.focus();
}
function halt(value) { isStopped = value; touched = Date.now(); keep("live", value ? "off" : "on"); look(); }

async function look() {
  clearTimeout(timer);
  if (Date.now() - touched > IDLE) isStopped = true; // until somebody resumes it
  if (!isStopped && !isBusy() && !isAsking) await ask();
  show(); clearTimeout(timer);
  timer = setTimeout(look, Math.max(pause, least)); // the server says how often it can bear
}

async function ask() {
  const address = new URL(location.href);
  address.searchParams.set("part", "1");
  isAsking = true; pause = Math.min(pause * GROWTH, SLOW);
  try {
    const answer = await fetch(address, { cache: "no-store", headers: mark ? { "If-None-Match": mark } : {} });
    if (answer.status === 403) return location.reload();
    if (answer.status >= 500) throw new Error(answer.headers.get("X-No-Answer-Since") ?? "");
    away = "", least = 1000 * (answer.headers.get("X-Ask-Again") ?? 0);
    if (answer.status !== 200 || isBusy()) return;
    mark = put(parse(await answer.text())) ? answer.headers.get("ETag") : "";
    pause = QUICK;
  } catch (error) {
    const since = new Date(error.message);
    away ||= (isNaN(since) ? new Date() : since).toLocaleTimeString(undefined, { hourCycle: "h23" });
  } finally { isAsking = false; }
}

// Puts changed panels in place; false if one of them is in use, and was left as it is.
function put(fresh) {
  const ids = (where) => panels(where).map((panel) => panel.id).join();
  const isOther = ids(fresh) !== ids(main), isFree = isOther && !isHeld(main);
  let all = !isOther || isFree;
  if (isFree) main.replaceChildren(...fresh.childNodes);
  else for (const panel of panels(fresh)) {
    const old = document.getElementById(panel.id), every = 1000 * (old?.dataset.every ?? 0);
    if (old === null || old.dataset.hash === panel.dataset.hash) continue;
    if (Date.now() - (old.dataset.putAt ?? 0) < every) { all = false; continue; }
    if (!isHeld(old)) old.replaceChildren(...panel.childNodes);
    else if (!regain(old, panel) && !grow(old, panel)) { all = false; continue; }
    Object.assign(old.dataset, { hash: panel.dataset.hash, putAt: Date.now() });
  }
  isOutdated = isOther && !isFree;
  tell();
  return all;
}

// Renews the head of a page although a button there has the focus: it goes to the same one, or to the page.
function regain(old, fresh) {
  const held = document.activeElement;
  if (old.id !== "head" || !held.matches("a, button")) return false;
  old.replaceChildren(...fresh.childNodes);
  (find("a, button", old).find((one) => one.textContent === held.textContent) ?? main).focus({ preventScroll: true });
  return true;
}

// Lets new rows in at the top of a list in use, which keeps its focus and ticks; false: it is none, or some would be missing.
function grow(old, fresh) {
  const rows = find("tbody[data-grows] tr", fresh), known = new Map(find("tbody[data-grows] tr", old).map((row) => [row.dataset.key, row]));
  if (find("details[open]", old).length > 0 || !rows.some((row) => known.has(row.dataset.key))) return false;
  const body = old.querySelector("tbody"); let next = body.firstElementChild;
  for (const row of rows) if (known.has(row.dataset.key)) next = known.get(row.dataset.key).nextElementSibling; else body.insertBefore(row, next);
  return true;
}

// Times: how long ago or ahead, by this clock; the zone goes to the server in a cookie.
function span(seconds) {
  const whole = Math.round(seconds), [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.round(seconds / unit));
  if (whole < 300) return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return minutes < 120 ? `${minutes} min` : hours < 48 ? `${hours} h` : `${days} days`;
}

function tell() {
  for (const time of find("time[data-relative]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000, length = span(Math.abs(seconds));
    const said = time.dataset.relative === "for" ? length : seconds < 0 ? `in ${length}` : `${length} ago`;
    if (isNaN(seconds)) continue;
    time.title ||= time.textContent;
    if (time.textContent !== said) time.textContent = said;
  }
}

function chooseZone(choice) {
  const zone = choice && choice !== "local" ? choice : Intl.DateTimeFormat().resolvedOptions().timeZone;
  const cookie = `pgdispatch-zone=${encodeURIComponent(zone)}`, has = () => document.cookie.split("; ").includes(cookie);
  if (!zone || has()) return;
  document.cookie = `${cookie}; Path=${base}/; SameSite=Strict; Max-Age=31536000`;
  if (has() && isLive && root.dataset.zone !== zone) location.reload();
}

// Questions: the page that asks, shown over the one that wants to know.
async function question(address, opener) {
  const asked = new URL(address, location.href);
  asked.searchParams.set("back", location.pathname.slice(base.length) + location.search);
  const page = asked.href; asked.searchParams.set("part", "1");
  const answer = await fetch(asked, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return location.assign(page);
  open(make("dialog", {}, ...parse(await answer.text()).childNodes), "question", opener);
}
const raise = (dialog) => { dialog.showModal(); const first = find("[autofocus]", dialog)[0] ?? find("[data-close]", dialog)[0]; first?.focus(); first?.select?.(); };
function open(dialog, label, opener) {
  dialog.setAttribute("aria-labelledby", label);
  dialog.onclose = () => { dialog.remove(); opener?.focus?.(); };
  document.body.append(dialog); raise(dialog);
}
function explainKeys() {
  const dialog = document.getElementById("keys"), box = dialog.querySelector("input");
  box.checked = recall("keys") !== "off"; box.onchange = () => keep("keys", box.checked ? "on" : "off");
  raise(dialog);
}
function copy(button) {
  const text = (button.dataset.copy ? document.querySelector(button.dataset.copy) : button.parentElement.querySelector("pre"))?.textContent ?? "";
  const box = make("textarea", { value: text, readOnly: true });
  document.body.append(box); box.select();
  document.execCommand("copy"); // navigator.clipboard is not there over plain http
  box.remove(); button.focus(); button.dataset.copied = "";
}

document.addEventListener("click", (event) => {
  const near = (selector) => event.target.closest?.(selector), link = near("a[data-confirm]"), zone = near("[data-zone-choice]");
  if (near("dialog [data-close]")) { event.preventDefault(); near("dialog").close(); }
  else if (near("[data-copy]")) copy(near("[data-copy]"));
  else if (near("[data-keys]")) explainKeys();
  else if (zone) { keep("zone", zone.dataset.zoneChoice); chooseZone(zone.dataset.zoneChoice); }
  else if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); question(link.href, link); }
});
document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (form.dataset.confirm === undefined) return;
  event.preventDefault();
  const asked = new URL(button?.getAttribute("formaction") || form.getAttribute("action"), location.href);
  for (const [name, value] of new FormData(form)) asked.searchParams.append(name, value);
  question(asked, button);
});

// Keys: letters only where nobody writes, and none but ? for whoever has switched them off.
function press(key) {
  const here = document.activeElement?.closest?.("tr") ?? main, rows = find("tbody tr", main).filter((row) => row.querySelector("a[href]"));
  const link = `a[href*="/confirm/${VERBS[key]}"]`;
  const at = rows.indexOf(here), next = at + (key === "j" ? 1 : -1), isLed = Date.now() - led < 1500;
  led = key === "g" ? Date.now() : 0;
  if (key === "?") explainKeys();
  else if (recall("keys") === "off") return false;
  else if (isLed && PLACES[key]) location.assign(base + PLACES[key]);
  else if (key === "j" || key === "k") rows[Math.min(Math.max(next, 0), rows.length - 1)]?.querySelector("a[href]").focus();
  else if (key === "/") document.querySelector("[data-filter], input[type=search]")?.focus();
  else if (VERBS[key] && here.dataset.job) question(`${base}/confirm/${VERBS[key]}?job=${here.dataset.job}`, document.activeElement);
  else if (VERBS[key]) (here.querySelector(link) ?? main.querySelector(link))?.click();
  else if (key === "." && isLive) halt(!isStopped);
  else return key === "g";
  return true;
}

document.addEventListener("keydown", (event) => {
  const isTaken = event.ctrlKey || event.metaKey || event.altKey || isField(event.target) || find("dialog[open]").length > 0;
  if (!isTaken && press(event.key)) event.preventDefault();
});
for (const kind of ["keydown", "pointerdown", "pointermove"]) addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
for (const kind of ["focusin", "focusout", "selectionchange"]) document.addEventListener(kind, () => { if (isLive) show(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && isLive) { pause = QUICK; look(); } });

root.dataset.script = ""; chooseZone(recall("zone"));
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); // on a phone
tell(); setInterval(tell, 1000);
if (isLive) { show(); timer = setTimeout(look, pause); }
