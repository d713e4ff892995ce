// How the two sides of a chat draw what was written: elements, times, and text with its addresses as links.

/** Addresses in what somebody wrote; the same as in core/text.py: Chinese punctuation and a full stop at the end are not part of one. */
export const LINK = /(https?:\/\/[^\s<>"'，。；：！？（）《》【】、“”‘’]*[^\s<>"'，。；：！？（）《》【】、“”‘’.,;:!?)\]])/g;

export const fill = (words, values) => (words || "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
export const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};
export const dayOf = (moment) => `${moment.getFullYear()}-${String(moment.getMonth() + 1).padStart(2, "0")}-${String(moment.getDate()).padStart(2, "0")}`;
export const clock = (moment) => `${String(moment.getHours()).padStart(2, "0")}:${String(moment.getMinutes()).padStart(2, "0")}`;

/** Return the nodes of a text: its lines, its addresses as links that open beside the chat. */
export const written = (text) => text.split("\n").flatMap((line, index) => [
  ...(index ? [make("br")] : []),
  ...line.split(LINK).map((piece) => /^https?:\/\//.test(piece) ? Object.assign(make("a", "", piece), { href: piece, rel: "nofollow noopener noreferrer", target: "_blank" }) : piece),
]);
