// Tells the server which result was opened and where it stood, without delaying the way there.

const list = document.querySelector("[data-results]");
const token = document.querySelector('meta[name="csrf-token"]')?.content;

const tell = (event) => {
  if (event.type === "auxclick" && event.button !== 1) return; // the middle button opens a tab
  const link = event.target.closest("a[href]");
  const row = link?.closest("[data-key]");
  if (!row) return;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token);
  body.set("search", list.dataset.results);
  body.set("key", row.dataset.key);
  body.set("rank", link.dataset.rank || row.dataset.rank || "");
  navigator.sendBeacon(list.dataset.click, body);
};

if (list?.dataset.results && token && navigator.sendBeacon) {
  list.addEventListener("click", tell);
  list.addEventListener("auxclick", tell);
}
