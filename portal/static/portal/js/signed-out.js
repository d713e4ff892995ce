// Says in the page that its session is over, or that its person may not work here any more. What was typed stays where it is.

export const SIGNED_OUT = 4401, FORBIDDEN = 4403;

/** Show the words of the page's own template once; `code` is what the socket was closed with. */
export const signedOut = (code) => {
  const words = document.getElementById("signed-out"), main = document.getElementById("main");
  if (!words || !main || document.querySelector("[data-signed-out]")) return;
  const bar = words.content.firstElementChild.cloneNode(true);
  for (const part of bar.querySelectorAll("[data-code]")) part.hidden = part.dataset.code !== String(code);
  const link = bar.querySelector("a");
  if (link) link.href = `${link.getAttribute("href")}?next=${encodeURIComponent(location.pathname + location.search)}`;
  main.prepend(bar);
  bar.scrollIntoView({ block: "nearest" });
};

/** Keep count of one socket's closing: returns what to do, "again" to connect once more (a session may have got another key), "stop", or "". */
export class Door {
  opened() { this.was = true; this.knocked = false; }

  closed(code) {
    if (code === SIGNED_OUT && !this.knocked) { this.knocked = true; return "again"; }
    if (code !== SIGNED_OUT && code !== FORBIDDEN) return "";
    if (this.was) signedOut(this.knocked ? SIGNED_OUT : code);
    return "stop";
  }
}
