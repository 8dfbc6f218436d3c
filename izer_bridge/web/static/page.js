// The one script of all pages: it sends forms to /v1 and says what came of it.

const page = document.body.dataset;
const news = document.getElementById("news");

/** Says a sentence for some seconds, to screen readers too. */
export function tell(sentence) {
  news.textContent = sentence;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => (news.textContent = ""), 8000);
}

/** Calls a route of /v1; the answer, or an Error with the problem's own sentence. */
export async function call(method, address, body, key) {
  const headers = { "X-CSRF-Token": page.csrf ?? "", "Accept-Language": document.documentElement.lang };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Error(page.away);
  }
  if (answer.status === 401) location.assign("/login");
  const said = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail ?? `${answer.status} ${answer.statusText}`);
  return said;
}

/** What a form says, as JSON: nothing of what was left empty. */
function content(form) {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
}

/** `<form data-api="/v1/…" data-method="PUT" data-done="Saved.">`, then the page anew. */
async function send(form) {
  const refusal = form.querySelector("[role=alert]");
  const buttons = form.querySelectorAll("button");
  if (refusal) refusal.textContent = "";
  // A second press of the same button is the same wish.
  form.dataset.key ??= crypto.randomUUID();
  buttons.forEach((one) => (one.disabled = true));
  try {
    const { api, method = "POST", key, done = "" } = form.dataset;
    await call(method, api, content(form), key);
    delete form.dataset.key;
    tell(done);
    form.dispatchEvent(new CustomEvent("sent", { bubbles: true }));
  } catch (error) {
    if (refusal) refusal.textContent = error.message;
    else tell(error.message);
  } finally {
    buttons.forEach((one) => (one.disabled = false));
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.api) return;
  event.preventDefault();
  if (!form.dataset.sure || confirm(form.dataset.sure)) send(form);
});
