// The reply: canned replies with "/", inserted articles, and the fold that a key or a link opens. Without it the links and forms work.

const make = (tag, attributes = {}, text = "") => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
};

class Writer extends HTMLElement {
  connectedCallback() {
    this.text = this.querySelector("textarea");
    this.panel = this.querySelector("[data-canned-panel]");
    this.replies = JSON.parse(document.getElementById(this.dataset.canned)?.textContent || "[]");
    this.articles = this.querySelector("[data-articles]");
    const plain = this.querySelector("[data-canned-plain]");
    if (plain) plain.hidden = true;
    const opener = this.querySelector("[data-open-canned]"), articles = this.querySelector('[data-open-dialog="articles"]');
    if (articles) articles.hidden = false;
    if (opener && this.replies.length) {
      opener.hidden = false;
      opener.addEventListener("click", () => { this.text.focus(); this.text.setRangeText("/", this.text.selectionStart, this.text.selectionEnd, "end"); this.look(); });
    }
    this.text.setAttribute("aria-autocomplete", "list");
    this.text.addEventListener("input", (event) => { if (!event.isComposing) this.look(); });
    this.text.addEventListener("compositionend", () => this.look());
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.panel.addEventListener("mousedown", (event) => event.preventDefault());
    this.panel.addEventListener("click", (event) => { const row = event.target.closest('[role="option"]'); if (row) this.take(Number(row.dataset.at)); });
    for (const item of this.articles.children) this.removable(item);
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-insert-article]");
      if (button) this.insert(JSON.parse(button.dataset.insertArticle));
    });
  }

  /** What stands between the last "/" (at the start or after a space or a sentence end) and the cursor; null when there is none. */
  typed() {
    const hit = /(?:^|[\s，。！？；：,.!?;:])\/([^\s/]{0,30})$/u.exec(this.text.value.slice(0, this.text.selectionStart));
    return hit ? hit[1] : null;
  }

  look() {
    const words = this.typed();
    if (words === null) return this.close();
    const wanted = words.toLowerCase();
    this.found = this.replies.filter((reply) => `${reply.shortcut} ${reply.title}`.toLowerCase().includes(wanted)).slice(0, 8);
    this.panel.replaceChildren();
    if (!this.found.length) this.panel.append(make("p", { class: "muted small", role: "status" }, this.dataset.empty));
    const list = make("ul", { role: "listbox", id: "canned-list", "aria-label": this.dataset.list });
    this.found.forEach((reply, at) => {
      const row = make("li", { role: "option", id: `canned-${at}`, "data-at": at, "aria-selected": String(at === 0) });
      const words = make("span");
      words.append(make("b", {}, `/${reply.shortcut}`), ` ${reply.title}`);
      row.append(this.icon(), words);
      if (reply.queue) row.append(make("span", { class: "meta" }, reply.queue));
      list.append(row);
    });
    this.panel.append(list);
    this.panel.hidden = false;
    this.text.setAttribute("aria-controls", "canned-list");
    this.at = 0;
    this.mark();
  }

  icon() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${this.dataset.icons}#i-note`);
    svg.append(use);
    return svg;
  }

  mark() {
    this.panel.querySelectorAll('[role="option"]').forEach((row, at) => row.setAttribute("aria-selected", String(at === this.at)));
    if (!this.found?.length) return;
    this.text.setAttribute("aria-activedescendant", `canned-${this.at}`);
    document.getElementById(`canned-${this.at}`).scrollIntoView({ block: "nearest" });
  }

  close() {
    this.panel.hidden = true;
    this.text.removeAttribute("aria-activedescendant");
    this.text.removeAttribute("aria-controls");
  }

  key(event) {
    if (this.panel.hidden || event.isComposing) return;
    if (event.key === "Escape") { event.preventDefault(); this.close(); return; }
    if (!this.found?.length || event.ctrlKey || event.metaKey) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); this.at = (this.at + by + this.found.length) % this.found.length; this.mark(); }
    if (event.key === "Enter" || event.key === "Tab") { event.preventDefault(); this.take(this.at); }
  }

  take(at) {
    const reply = this.found[at], end = this.text.selectionStart, start = end - this.typed().length - 1;
    this.text.setRangeText(reply.body, start, end, "end");
    this.querySelector('input[name="canned"]').value = reply.pk;
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
    this.close();
    this.text.focus();
    const gap = /\[[^\]]{1,20}\]|［[^］]{1,20}］/.exec(reply.body); // what only a person can fill in is chosen, so that one types over it
    if (gap) this.text.setSelectionRange(start + gap.index, start + gap.index + gap[0].length);
  }

  insert(article) {
    const known = [...this.articles.querySelectorAll("input")].some((input) => JSON.parse(input.value).url === article.url);
    if (!known) {
      const item = make("li");
      const input = make("input", { type: "hidden", name: "article" });
      input.value = JSON.stringify(article);
      item.append(make("span", {}, article.title), input);
      this.removable(item);
      this.articles.append(item);
    }
    document.getElementById("articles")?.close();
    this.text.focus();
  }

  removable(item) {
    const button = make("button", { class: "btn text s", type: "button" }, this.dataset.remove);
    button.append(make("span", { class: "vh" }, ` ${item.textContent.trim()}`));
    button.addEventListener("click", () => { item.remove(); this.text.focus(); });
    item.append(button);
  }
}
if (!customElements.get("hearth-writer")) customElements.define("hearth-writer", Writer);

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-open-fold]");
  const fold = link && document.getElementById(link.dataset.openFold);
  if (!fold) return;
  event.preventDefault();
  fold.open = true;
  fold.scrollIntoView({ block: "nearest" });
  fold.querySelector("textarea, input:not([type=hidden]), select")?.focus();
});
