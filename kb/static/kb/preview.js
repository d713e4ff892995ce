// The way of preview an editor chose stays: chosen while the last one is still being drawn, it is drawn as soon as that is there; and when
// the editor puts a fresh panel in the place of the old one (it does after it saved a new page by itself), it is chosen there too.
const picker = () => document.getElementById("id_preview_mode");
const drawn = () => {
  const frame = document.getElementById("w-preview-iframe");
  return frame?.src ? new URL(frame.src, location.href).searchParams.get("mode") : null;
};
let wanted = null, late = false, again = false; // late: asked once a choice, for a form with errors is not drawn anew however often it is asked
document.addEventListener("change", (event) => {
  if (event.target.id !== "id_preview_mode") return;
  wanted = event.target.value;
  late = !again;
});
document.addEventListener("w-preview:updated", () => {
  const select = picker();
  if (wanted === null || !select) return;
  if (select.value !== wanted) {
    if (![...select.options].some((option) => option.value === wanted)) return;
    select.value = wanted;
    late = true;
  }
  if (!late) return;
  late = false;
  if (drawn() === wanted) return;
  again = true;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  again = false;
});
