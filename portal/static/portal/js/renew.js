// Parts of a page that stay fresh: fetched from the server, and laid over what is there so that nothing a person is in the middle of
// (an open menu, a half-chosen field, the focus) is thrown away.

/** Fetch a part of a page; null when the answer is none (an error, a redirect to the sign-in). */
export const part = async (url) => {
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  return answer.ok && !answer.redirected ? answer.text() : null;
};

const FIELDS = "input:not([type=hidden]), textarea, select";
const name = (node) => {
  if (node.nodeType !== Node.ELEMENT_NODE) return `#${node.nodeType}`;
  const link = node.matches("a, form") ? node : node.querySelector(":scope > a[href], :scope > form[action]");
  return [node.localName, node.id || node.dataset.offer || link?.getAttribute("href") || link?.getAttribute("action") || node.classList[0] || ""].join(" ");
};

/** Whether somebody has begun to fill a field in. */
const begun = (field) => field === document.activeElement
  || (field.localName === "select" ? [...field.options].some((option) => option.selected !== option.defaultSelected && (option.selected ? option.index : true))
    : field.value !== field.defaultValue || field.checked !== field.defaultChecked);

const update = (old, fresh) => {
  if (old.nodeType !== Node.ELEMENT_NODE) { if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue; return; }
  if (old.isEqualNode(fresh) || old.localName.includes("-") || (old.matches(FIELDS) && begun(old))) return;
  const keep = (attribute) => attribute === "open" && old.matches("details, dialog");
  for (const { name: attribute } of [...old.attributes]) if (!fresh.hasAttribute(attribute) && !keep(attribute)) old.removeAttribute(attribute);
  for (const { name: attribute, value } of fresh.attributes) if (old.getAttribute(attribute) !== value && !keep(attribute)) old.setAttribute(attribute, value);
  renew(old, fresh);
};

/** Make the inside of `box` that of `fresh` (HTML or an element), keeping the nodes that are there already. */
export const renew = (box, fresh) => {
  if (typeof fresh === "string") {
    const page = document.createElement("template");
    page.innerHTML = fresh;
    fresh = page.content;
  }
  const focused = box.contains(document.activeElement), pool = [...box.childNodes];
  const wanted = [...fresh.childNodes].map((node) => {
    const found = pool.findIndex((other) => name(other) === name(node));
    return [found < 0 ? null : pool.splice(found, 1)[0], node];
  });
  for (const node of pool) node.remove();
  let next = box.firstChild;
  for (const [old, node] of wanted) {
    if (old) update(old, node);
    const placed = old || document.importNode(node, true);
    if (placed === next) next = next.nextSibling; else box.insertBefore(placed, next);
  }
  if (focused && !box.contains(document.activeElement)) box.closest("[tabindex]")?.focus({ preventScroll: true });
};

/** Return a function that fetches and renews `box`; an answer that was overtaken by a younger one is dropped. */
export const renewer = (box, url, { done } = {}) => {
  let asked = 0, shown = 0;
  return async () => {
    const turn = ++asked;
    const html = await part(url()).catch(() => null);
    if (html === null || turn < shown) return;
    shown = turn;
    renew(box, html);
    done?.();
  };
};
