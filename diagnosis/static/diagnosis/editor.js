// The diagnosis editor: keys that nobody sees, targets chosen by their words, and the graph drawn while one writes.
(() => {
  const panel = document.querySelector("[data-hearth-graph]");
  if (!panel) return;
  const form = panel.closest("form");
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const newKey = () => "n" + Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => letters[byte % letters.length]).join("");
  const isNode = (input) => !input.closest(".hearth-answer");
  const child = (input) => input.closest("[data-streamfield-child]");
  const isGone = (input) => { // a deleted block stays in the form, marked
    const block = child(input);
    const mark = block && block.querySelector(':scope > input[name$="-deleted"]');
    return Boolean(mark && mark.value);
  };

  function wrapperOf(input) {
    return input.closest("[data-contentpath]") || input.closest(".w-field__wrapper") || input.parentElement;
  }

  function nodes() {
    const seen = new Set();
    return [...form.querySelectorAll("[data-hearth-key]")].filter((input) => isNode(input) && !isGone(input)).map((input) => {
      if (!input.value || seen.has(input.value)) input.value = newKey();
      seen.add(input.value);
      const title = child(input).querySelector('[data-contentpath="title"] :is(input, textarea)');
      return { key: input.value, title: title ? title.value.trim() : "", input };
    });
  }

  function dressTargets(list) {
    for (const input of form.querySelectorAll("[data-hearth-target]")) {
      let select = input.nextElementSibling;
      if (!select || select.tagName !== "SELECT") {
        select = document.createElement("select");
        input.after(select);
        input.parentElement.classList.add("hearth-target");
        select.id = `${input.id}-choice`;
        const label = wrapperOf(input).querySelector("label");
        if (label) label.htmlFor = select.id;
        select.addEventListener("change", () => {
          input.value = select.value;
          input.dispatchEvent(new Event("change", { bubbles: true }));
        });
      }
      const own = list.find((node) => child(node.input) === outer(input));
      const options = [["", panel.dataset.nowhere]];
      list.forEach((node, place) => { if (node !== own) options.push([node.key, `${place + 1}. ${node.title || panel.dataset.empty}`]); });
      const gone = input.value && !options.some(([key]) => key === input.value);
      if (gone) options.push([input.value, own && own.key === input.value ? `${list.indexOf(own) + 1}. ${own.title}` : panel.dataset.gone]);
      const wanted = JSON.stringify(options);
      if (select.dataset.options !== wanted) {
        select.replaceChildren(...options.map(([key, words]) => new Option(words, key)));
        select.dataset.options = wanted;
      }
      if (select.value !== input.value) select.value = input.value;
      input.parentElement.classList.toggle("is-gone", Boolean(gone));
    }
  }

  function outer(input) { // the block of the question an answer belongs to
    const block = child(input);
    return block && input.closest(".hearth-answer") ? child(block.parentElement) || block : block;
  }

  function dress() {
    for (const input of form.querySelectorAll("[data-hearth-key]")) wrapperOf(input).classList.add("hearth-key");
    dressTargets(nodes());
  }

  let drawing = 0;
  async function draw() {
    const mine = ++drawing;
    const answer = await fetch(panel.dataset.url, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "XMLHttpRequest" } }).catch(() => null);
    if (!answer || !answer.ok || mine !== drawing) return;
    const place = panel.querySelector("[data-hearth-drawing]");
    const words = place.querySelector("details");
    const wasOpen = words && words.open;
    const box = place.querySelector(".hearth-graph");
    const scroll = box ? [box.scrollLeft, box.scrollTop] : [0, 0];
    place.innerHTML = await answer.text();
    const again = place.querySelector("details");
    if (again && wasOpen) again.open = true;
    const fresh = place.querySelector(".hearth-graph");
    if (fresh) fresh.scrollTo(...scroll);
  }

  let waiting = 0;
  function changed() {
    clearTimeout(waiting);
    waiting = setTimeout(() => { dress(); draw(); }, 600);
  }

  function show(key) {
    const node = nodes().find((item) => item.key === key);
    if (!node) return;
    const block = child(node.input);
    const section = block.querySelector("section") || block;
    const toggle = section.querySelector('[data-panel-toggle][aria-expanded="false"]');
    if (toggle) toggle.click();
    section.classList.add("hearth-flash");
    section.scrollIntoView({ block: "start" });
    setTimeout(() => section.classList.remove("hearth-flash"), 2000);
    const field = block.querySelector('[data-contentpath="title"] :is(input, textarea)');
    if (field) field.focus({ preventScroll: true });
  }

  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-node]");
    if (!link) return;
    event.preventDefault();
    show(link.dataset.node);
  });
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  new MutationObserver((records) => {
    if (records.some((record) => !panel.contains(record.target) && record.target.tagName !== "SELECT")) changed();
  }).observe(form, { childList: true, subtree: true });

  addEventListener("load", () => {
    dress();
    const wanted = /^#node-([a-z0-9-]+)$/.exec(location.hash);
    if (wanted) setTimeout(() => show(wanted[1]), 200);
    if (panel.hasAttribute("data-stale")) draw();
  });
})();
