// The small launcher of the chat: a link that opens the chat window instead where scripts run. The window's code comes with the first
// click, or at once when a chat is going on. It never hides what has the focus.

const launcher = document.querySelector("[data-chat-launcher]");
if (launcher) {
  let opening;
  const load = () => (opening ||= Promise.all([import(launcher.dataset.window), import(launcher.dataset.widget)]).then(([module]) => {
    if (!document.querySelector(`link[href="${launcher.dataset.css}"]`)) {
      const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: launcher.dataset.css });
      document.head.append(sheet);
    }
    return new module.ChatWindow(launcher);
  }));
  launcher.setAttribute("role", "button");
  launcher.setAttribute("aria-expanded", "false");
  const toggle = async (event) => {
    event.preventDefault();
    try {
      const box = await load();
      if (box.isOpen) box.close(); else await box.open();
    } catch { location.assign(launcher.href); }
  };
  launcher.addEventListener("click", (event) => { if (!event.metaKey && !event.ctrlKey && !event.shiftKey) toggle(event); });
  launcher.addEventListener("keydown", (event) => { if (event.key === " ") toggle(event); });
  try {
    const current = JSON.parse(localStorage.getItem("hearth-chat:current") || "null");
    if (current && Date.now() - current.at < 86400000 && getComputedStyle(launcher).display !== "none") load().then((box) => box.follow(current.url));
  } catch { /* storage is forbidden: the chat opens at a click */ }
  addEventListener("focusin", (event) => {
    const box = launcher.getBoundingClientRect(), target = event.target === launcher ? null : event.target.getBoundingClientRect?.();
    const hides = target && target.right > box.left && target.left < box.right && target.bottom > box.top && target.top < box.bottom;
    launcher.classList.toggle("aside", Boolean(hides));
  });
}
