// <hearth-region>: three text fields become three lists of Chinese divisions that depend on each other; without scripts they stay text fields.

const PARTS = ["province", "city", "district"];

class Region extends HTMLElement {
  async connectedCallback() {
    this.fields = PARTS.map((name) => this.querySelector(`input[name="${name}"]`));
    if (this.fields.some((field) => !field)) return;
    const typed = this.fields.some((field) => field.value.trim());
    const chinese = document.documentElement.lang.startsWith("zh");
    this.switch = document.createElement("button");
    this.switch.type = "button";
    this.switch.className = "btn text s region-switch";
    this.switch.addEventListener("click", () => (this.lists ? this.asText() : this.asLists(true)));
    this.append(this.switch);
    this.switch.textContent = this.dataset.list;
    if (chinese || typed) await this.asLists(false);
  }

  async load() {
    if (!Region.data) Region.data = fetch(this.dataset.src).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)));
    const { divisions } = await Region.data;
    // [["11北京市", [["01北京市", "01东城区 02西城区 …"]]]] → name → name → names
    return new Map(divisions.map(([province, cities]) => [province.slice(2), new Map(cities.map(([city, districts]) => [city.slice(2), districts.split(" ").filter(Boolean).map((district) => district.slice(2))]))]));
  }

  async asLists(focus) {
    let tree;
    try { tree = await this.load(); } catch { this.switch.hidden = true; return; }
    const [province, city, district] = this.fields.map((field) => field.value.trim());
    // What was typed and is no division stays typed: nothing a person wrote gets lost.
    if (province && !(tree.has(province) && (!city || tree.get(province).has(city)) && (!district || !city || tree.get(province).get(city).includes(district)))) return;
    this.tree = tree;
    this.lists = this.fields.map((field, index) => {
      const list = document.createElement("select");
      list.className = "select";
      list.id = `${field.id}_list`;
      for (const name of ["aria-describedby", "aria-invalid"]) if (field.hasAttribute(name)) list.setAttribute(name, field.getAttribute(name));
      list.addEventListener("change", () => this.chosen(index));
      this.label(field)?.setAttribute("for", list.id);
      field.hidden = true;
      field.after(list);
      return list;
    });
    this.fill(0, province); this.fill(1, city); this.fill(2, district);
    this.switch.textContent = this.dataset.type;
    if (focus) this.lists[0].focus();
  }

  asText() {
    this.lists.forEach((list, index) => { this.label(list)?.setAttribute("for", this.fields[index].id); list.remove(); this.fields[index].hidden = false; });
    this.lists = null;
    this.switch.textContent = this.dataset.list;
    this.fields[0].focus();
  }

  label(control) { return this.querySelector(`label[for="${control.id}"]`); }

  options(index) {
    const [province, city] = this.fields.map((field) => field.value);
    if (index === 0) return [...this.tree.keys()];
    if (index === 1) return [...(this.tree.get(province)?.keys() || [])];
    return this.tree.get(province)?.get(city) || [];
  }

  fill(index, value) {
    const list = this.lists[index], names = this.options(index);
    list.replaceChildren(new Option(this.dataset.choose, ""), ...names.map((name) => new Option(name, name)));
    list.disabled = !names.length;
    list.value = names.includes(value) ? value : names.length === 1 ? names[0] : "";
    this.fields[index].value = list.value;
  }

  chosen(index) {
    this.fields[index].value = this.lists[index].value;
    for (let next = index + 1; next < PARTS.length; next += 1) this.fill(next, "");
    this.fields[index].dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("hearth-region", Region);
