// The staff console's keyboard: single keys that can be switched off, moving through rows, sending with Ctrl+Enter, notices.

let on = document.body.dataset.keys !== "off"; // kept with the account

const paint = () => {
  document.body.dataset.keys = on ? "on" : "off";
  for (const line of document.querySelectorAll("[data-keys-state]")) line.textContent = on ? line.dataset.on : line.dataset.off;
  for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = on;
};
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-switch]")) return;
  on = event.target.checked;
  paint();
  const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]')?.content || "" };
  fetch(event.target.dataset.keysSwitch, { method: "POST", headers, body: new URLSearchParams({ on: on ? "1" : "0" }), keepalive: true }).catch(() => {});
});
paint();

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], [role='combobox']");
const rows = () => [...document.querySelectorAll("[data-row], a.qrow")].filter((row) => row.offsetParent);
const step = (by) => {
  const list = rows();
  if (!list.length) return;
  const focus = (row) => row.matches("a, button") ? row : row.querySelector("a") || row;
  const here = list.findIndex((row) => row.contains(document.activeElement));
  const start = here >= 0 ? here : list.findIndex((row) => row.hasAttribute("aria-current"));
  const next = list[Math.min(list.length - 1, Math.max(0, start < 0 ? 0 : start + by))];
  focus(next).focus();
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest?.("form[data-send]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (!on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key;
  if (key === "?") document.getElementById("keys")?.showModal();
  else if (key === "/") document.getElementById("desk-q")?.focus();
  else if (key === "j") step(1);
  else if (key === "k") step(-1);
  else {
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]:not([disabled])`);
    if (!target) return;
    if (target.matches("textarea, input, select")) target.focus(); else target.click();
  }
  event.preventDefault();
});

// Tabs of the writer: reply or internal note.
for (const list of document.querySelectorAll('[role="tablist"]')) {
  const tabs = [...list.querySelectorAll('[role="tab"]')];
  const choose = (tab, focus) => {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      const panel = document.getElementById(other.getAttribute("aria-controls"));
      if (panel) panel.hidden = other !== tab;
    }
    if (focus === "tab") tab.focus();
    if (focus === "panel") document.getElementById(tab.getAttribute("aria-controls"))?.querySelector("textarea")?.focus();
  };
  list.addEventListener("click", (event) => { const tab = event.target.closest('[role="tab"]'); if (tab) choose(tab, "panel"); });
  list.addEventListener("keydown", (event) => {
    const here = tabs.indexOf(document.activeElement), by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (here < 0 || !by) return;
    event.preventDefault();
    choose(tabs[(here + by + tabs.length) % tabs.length], "tab");
  });
  choose(tabs.find((tab) => tab.getAttribute("aria-selected") === "true") || tabs[0]);
}

// The rooms of the desk: those that find no room in the bar stand in a menu beside it; the one we are in stays.
const bar = document.querySelector(".desk-rooms > nav"), more = document.querySelector(".desk-more");
if (bar && more) {
  const links = [...bar.children], box = more.querySelector("div"), sum = more.querySelector(".count");
  bar.classList.add("one-row");
  const fit = () => {
    bar.append(...links);
    more.hidden = true;
    while (bar.scrollWidth > bar.clientWidth + 1) {
      more.hidden = false;
      const last = [...bar.children].filter((link) => !link.hasAttribute("aria-current")).at(-1);
      if (!last) break;
      box.prepend(last);
    }
    const waiting = [...box.querySelectorAll(".count")].reduce((all, count) => all + (Number(count.textContent) || 0), 0);
    sum.textContent = waiting || "";
    sum.hidden = !waiting;
  };
  addEventListener("resize", fit);
  document.fonts?.ready.then(fit);
  fit();
}
