// <hearth-recent>: the last guides read in this browser; kept here only, shown beside the next one.
const KEY = "hearth-recent", MOST = 6, SHOWN = 4;
const read = () => { try { return JSON.parse(localStorage.getItem(KEY) || "[]").filter((row) => row && row.key && row.title && /^\/[^/]/.test(row.url)); } catch { return []; } };

class Recent extends HTMLElement {
  connectedCallback() {
    const { key, title, url, language } = this.dataset, rows = read();
    const others = rows.filter((row) => row.key !== key && row.language === language).slice(0, SHOWN);
    const list = this.querySelector("ul");
    for (const row of others) {
      const item = document.createElement("li"), link = document.createElement("a"), words = document.createElement("span");
      link.href = row.url;
      words.textContent = row.title;
      link.append(words);
      item.append(link);
      list?.append(item);
    }
    this.hidden = others.length === 0;
    if (!key) return;
    const kept = [{ key, title, url, language }, ...rows.filter((row) => row.key !== key || row.language !== language)].slice(0, MOST);
    try { localStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* storage is full or forbidden: nothing is kept */ }
  }
}
if (!customElements.get("hearth-recent")) customElements.define("hearth-recent", Recent);
