// The one script of all pages: it sends forms to /v1, and keeps the board as it is now.

const words = document.body.dataset;
const lang = document.documentElement.lang;
const find = (selector, within = document) => within.querySelector(selector);
const byId = (id) => document.getElementById(id);
const fill = (sentence, ...values) => values.reduce((said, one) => said.replace("{}", () => one), sentence);

/** Says a sentence for some seconds, to screen readers too. */
function tell(sentence) {
  byId("news").textContent = sentence;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => (byId("news").textContent = ""), 10_000);
}
/** What the bridge, or a proxy before it, has answered instead. */
async function refusal(answer) {
  const { detail = answer.statusText, why, state, decided_by: who, decided_at: at } = await answer.json().catch(() => ({}));
  if (who) return fill(words.first, who, new Date(at).toLocaleString(lang));
  return state ? words.overtaken : (words[why] ?? fill(words.refused, detail));
}
/** Calls a route of /v1; raises an Error with a sentence for the reader. */
async function call(method, address, wanted, key) {
  const headers = { "X-CSRF-Token": words.csrf ?? "", "Idempotency-Key": key };
  const body = wanted instanceof FormData ? wanted : JSON.stringify(wanted);
  if (body !== wanted) headers["Content-Type"] = "application/json";
  const answer = await fetch(address, { method, headers, body }).catch(() => {
    throw new Error(byId("away").textContent);
  });
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(await refusal(answer));
  return answer.json().catch(() => ({}));
}
/** What a form says: a moment in UTC, a number as one, nothing of what is empty; a file's as it is. */
function content(form, button) {
  if (find("[type=file]", form)) return new FormData(form);
  const said = {};
  for (const [name, value] of new FormData(form, button)) {
    const { type, dataset } = form.elements[name];
    if (value === "") continue;
    if (type === "datetime-local") said[name] = new Date(value).toISOString();
    else said[name] = dataset?.number === undefined ? value : Number(value);
  }
  const minutes = button?.dataset.minutes;
  if (minutes) said[button.name] = new Date(Date.now() + minutes * 60_000).toISOString();
  return said;
}
/** `<form data-api="/v1/…" data-method="PUT" data-done="Saved.">`; a button may say otherwise. */
async function send(form, button) {
  const { api, approve, method = "POST", done = "", sure } = { ...form.dataset, ...button?.dataset };
  if (form.ariaBusy || (sure && !confirm(sure))) return;
  const alert = find("[role=alert]", form) ?? byId("news");
  const { text } = form.elements;
  const isAsDrafted = approve && text.value === text.defaultValue;
  const [to, body] = isAsDrafted ? [approve, {}] : [api, content(form, button)];
  // Sent again, it is the same wish; with other words it is another one.
  const wish = JSON.stringify([to, [...new FormData(form, button)].map(([, one]) => [one.name ?? one, one.size])]);
  if (form.wish !== wish) Object.assign(form, { wish, key: crypto.randomUUID() });
  form.ariaBusy = "true";
  alert.textContent = "";
  try {
    const said = await call(method, to, body, form.key);
    for (const one of form.querySelectorAll("output")) one.value = said[one.name];
    form.wish = undefined;
    tell(done);
    form.dispatchEvent(new CustomEvent("sent", { bubbles: true }));
  } catch (error) {
    alert.textContent = error.message;
  }
  form.ariaBusy = null;
}
document.addEventListener("submit", (event) => {
  if (!(event.submitter?.dataset.api ?? event.target.dataset.api)) return;
  event.preventDefault();
  send(event.target, event.submitter);
});
const html = (source) => Object.assign(document.createElement("template"), { innerHTML: source }).content.firstElementChild;
const wishes = {};
/** A part of a page, made by the bridge; null if it cannot be had, or a later one was asked for. */
async function part(kind, address) {
  const wish = (wishes[kind] = {});
  const answer = await fetch(address).catch(() => null);
  if (answer?.redirected || answer?.status === 401) location.reload();
  if (answer && !answer.ok) tell(await refusal(answer));
  const source = answer?.ok && (await answer.text());
  return source && wishes[kind] === wish ? html(source) : null;
}
const focus = (element) => element?.focus({ preventScroll: true });
/** What was opened stays open, and the focus where it was. */
function replace(old, now) {
  const focused = document.activeElement;
  const opened = [...old.querySelectorAll("details[open]")].map((one) => one.id);
  old.replaceWith(now);
  opened.forEach((one) => byId(one)?.setAttribute("open", ""));
  if (focused.id && !focused.isConnected) focus(byId(focused.id) ?? now);
}
/** While somebody looks, the parts of a page are compared with the bridge's. */
function startLive(live) {
  const count = () => live.querySelectorAll("[data-until]").forEach((one) => {
    one.textContent = Math.max(0, Math.round((one.dataset.until - Date.now() + count.ahead) / 1000));
  });
  const read = async () => {
    const now = !document.hidden && (await part("live", live.dataset.live));
    byId("away").hidden = now !== null;
    if (!now) return;
    if (live.dataset.said !== now.dataset.said) tell((live.dataset.said = now.dataset.said));
    for (const one of [...now.children]) if (byId(one.id).innerHTML !== one.innerHTML) replace(byId(one.id), one);
    count.ahead = Date.now() - now.dataset.now;
    count();
  };
  live.addEventListener("sent", read);
  setInterval(read, 2000);
  setInterval(count, 500);
  read();
}
function startBoard(board) {
  const { title } = document;
  const asked = () => new URLSearchParams(location.search);
  const chat = () => find("#pane")?.dataset.chat;
  const text = () => byId("text");
  const isTyped = () => text() && text().value !== text().defaultValue;
  const kept = () => `text of ${chat()}`;
  const rows = () => [...document.querySelectorAll("#list li")];
  const order = (one, other) => one.dataset.at - other.dataset.at || one.id.slice(1) - other.id.slice(1);
  /** A row takes its place on the list, or leaves it. */
  function put(id, source) {
    const [now, old] = [html(source), byId(`c${id}`)];
    const isFocused = old?.contains(document.activeElement);
    const heir = isFocused && (old.nextElementSibling ?? old.previousElementSibling ?? board);
    old?.remove();
    const isListed = byId("list").dataset.statuses.split(" ").includes(now.dataset.status);
    const next = [...byId("rows").children].find((one) => order(now, one) < 0);
    // What sorts behind the last row that was loaded is seen apart until it comes with "more".
    if (isListed && (next || !byId("more"))) byId("rows").insertBefore(now, next ?? null);
    else if (isListed) byId("latest").prepend(now);
    byId("latest").children[3]?.remove();
    if (heir) focus(find("a", now.isConnected ? now : heir));
    const isNews = now.isConnected && now.dataset.critical && !old?.dataset.critical;
    // Of several tabs only the one that listens is heard.
    if (isNews && source && localStorage.sound === "on") byId("bell").play();
  }
  async function readList(more) {
    heardMeanwhile = [];
    const query = more ? more.search : `?status=${asked().get("status") ?? ""}`;
    const lists = await part("list", `/board/list${query}`);
    if (!lists) return;
    const still = (id) => [...byId(id).children].filter((one) => !find(`#${one.id}`, lists));
    if (more) ["latest", "rows"].forEach((id) => find(`#${id}`, lists).prepend(...still(id)));
    replace(byId("lists"), lists);
    heardMeanwhile.forEach((one) => put(...one));
    tick();
  }
  /** Times run on, and the open conversation is marked, also in rows that have just come. */
  function tick() {
    const { left, late, units, now } = byId("list").dataset;
    // A counter's clock may be wrong.
    if (now) tick.ahead = Date.now() - now;
    delete byId("list").dataset.now;
    const present = Date.now() - tick.ahead;
    for (const one of document.querySelectorAll(".time")) {
      const { due, soon } = one.dataset;
      const minutes = Math.max(Math.floor(Math.abs(due - present) / 60_000), 1);
      const [size, unit] = minutes < 120 ? [1, 0] : minutes < 2880 ? [60, 1] : [1440, 2];
      const said = `${Math.floor(minutes / size)} ${units.split(" ")[unit]}`;
      one.textContent = fill(due <= present ? late : left, said);
      one.classList.toggle("late", due <= present);
      one.classList.toggle("soon", due > present && soon <= present);
    }
    document.title = byId("late").hidden ? title : `${byId("late").textContent} · ${title}`;
    for (const one of rows()) find("a", one).ariaCurrent = chat() === one.id.slice(1) ? "true" : null;
  }
  function count(counts) {
    const total = (statuses) => statuses.split(" ").reduce((sum, status) => sum + counts[status], 0);
    for (const one of document.querySelectorAll("[data-count]")) one.textContent = total(one.dataset.count);
    const late = byId("late");
    Object.assign(late, { hidden: !counts.late, textContent: fill(late.dataset.text, counts.late) });
  }
  /** The conversation that the address names, renewed part by part if it is open already. */
  async function showPane() {
    const [id, before] = [asked().get("chat"), chat()];
    const pane = id && (await part("pane", `/board/chats/${id}`));
    if ((id && !pane) || !(id || before)) return;
    if (id === before) return [...pane.children].filter((one) => one.id).forEach(renew);
    byId("beside").replaceChildren(...(pane ? [pane] : []));
    board.classList.toggle("opened", Boolean(pane));
    begin();
    (pane ? byId("pane-name") : find(`#c${before} a`) ?? byId("list")).focus();
  }
  /** What was typed before is typed again. */
  function begin() {
    const typed = text() && sessionStorage.getItem(kept());
    if (typed) text().value = typed;
    byId("pane-said")?.scrollTo(0, 1e6);
    tick();
  }
  function renew(now) {
    const [old, focused] = [byId(now.id), document.activeElement];
    if (old.innerHTML === now.innerHTML) return;
    if (now.id === "pane-answer" && (isTyped() || old.contains(focused))) return readdress(find("form", now));
    if (old.contains(focused) && focused.matches("input, select")) return;
    replace(old, now);
    if (now.id === "pane-said") now.scrollTo(0, 1e6);
  }
  /** The field stays as it is, in the middle of a word; what is sent from it goes elsewhere now. */
  function readdress(now) {
    const form = byId("answer");
    if (form.dataset.api === now.dataset.api) return;
    text().defaultValue = now.elements.text.defaultValue;
    for (const one of ["label", ".bar"]) find(one, form).replaceWith(find(one, now));
    delete form.dataset.approve;
    Object.assign(form.dataset, now.dataset);
    find("[role=alert]", form).textContent = form.dataset.moved;
  }
  // Of all tabs one listens: a browser has six connections to one server.
  const tabs = new BroadcastChannel(`board ${lang}`);
  let [heardAt, heardMeanwhile, source] = [Date.now(), []];
  /** What has changed, as `stream.py` says it. */
  function hear(data) {
    const { script, counts, again, rows: changed = {} } = JSON.parse(data);
    heardAt = Date.now();
    if (script && !import.meta.url.endsWith(script) && !isTyped()) location.reload();
    if (counts) count(counts);
    if (again) readList();
    Object.entries(changed).forEach((one) => put(...one));
    // As a list is worked off, what follows moves up.
    if (byId("rows").children.length < 20) byId("more")?.click();
    heardMeanwhile = [...heardMeanwhile, ...Object.entries(changed)].slice(-200);
    if (again || chat() in changed) showPane();
    tick();
  }
  function listen() {
    source?.close();
    source = Object.assign(new EventSource("/board/events"), { onerror: () => (heardAt = 0) });
    source.onmessage = ({ data }) => hear(data, tabs.postMessage(data));
  }
  tabs.onmessage = ({ data }) => hear(data);
  navigator.locks.request(`board ${lang}`, () => new Promise(listen));
  setInterval(() => {
    byId("away").hidden = Date.now() - heardAt < 25_000;
    if (byId("away").hidden) return;
    readList(); // Whoever is not let in any more is shown the way in.
    if (source) listen();
  }, 2000);
  setInterval(tick, 10_000);
  board.addEventListener("click", (event) => {
    const { insert } = event.target.dataset;
    if (insert) {
      text().setRangeText(insert, text().selectionStart, text().selectionEnd, "end");
      text().dispatchEvent(new Event("input", { bubbles: true }));
      text().focus();
    }
    const link = event.target.closest("a.row, #more, #back");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.id === "more") return readList(link);
    const [to, status] = [new URL(link.href), asked().get("status")];
    if (status) to.searchParams.set("status", status);
    history.pushState(null, "", to);
    showPane();
  });
  addEventListener("popstate", showPane);
  // What only some need is asked for once it is opened.
  board.addEventListener("toggle", async ({ target }) => {
    const content = target.open && target.dataset.from && (await part("menu", target.dataset.from));
    if (content) target.replaceChildren(find("summary", target), content);
  }, true);
  board.addEventListener("input", ({ target }) => target === text() && sessionStorage.setItem(kept(), target.value));
  board.addEventListener("sent", ({ target }) => {
    if (target.id === "answer") sessionStorage.removeItem(kept());
    target.reset();
    target.closest("details")?.removeAttribute("open");
    showPane();
  });
  for (const one of document.querySelectorAll("[data-remembered]")) {
    one.checked = (localStorage[one.id] ?? one.dataset.remembered) === "on";
    one.onchange = () => (localStorage[one.id] = one.checked ? "on" : "off");
  }
  function step(by) {
    const here = document.activeElement.closest("#rows li") ?? byId(`c${chat()}`);
    find("a", rows()[Math.max(rows().indexOf(here) + by, 0)] ?? rows().at(-1) ?? board)?.focus();
  }
  const isSure = () => confirm(`${byId("answer").dataset.ask}\n\n${text().value}`);
  const approve = () => byId("answer")?.dataset.approve && isSure() && byId("answer").requestSubmit();
  const keys = { j: () => step(1), k: () => step(-1), e: () => text()?.focus(), a: approve };
  const clicked = { r: "#refuse", s: "#snooze summary", d: "#do-done", escape: "#back", "?": "#keys", "/": "nav a[href='/search']" };
  for (const key in clicked) keys[key] = () => find(clicked[key])?.click();
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    const isTyping = event.target.closest("input, select, textarea");
    if (!(key in keys) || event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    if (isTyping && key === "escape") return byId("pane-name")?.focus();
    if (isTyping || (key !== "escape" && localStorage.shortcuts === "off")) return;
    event.preventDefault();
    keys[key]();
  });
  byId("keys").onclick = () => byId("help").showModal();
  begin();
}
if (byId("board")) startBoard(byId("board"));
if (byId("live")) startLive(byId("live"));
