// Airflow shows this page in a sandboxed frame that may open neither windows nor its parent's pages.

// Links to Airflow's own pages open in the window around the frame, others in a window of their own: the click is made
// out there, by the outer document. Outside of a frame they are plain links.
export function openOutside(event) {
  if (window.parent === window || event.defaultPrevented || event.button !== 0) return;
  event.preventDefault();
  const outer = window.parent.document;
  const step = outer.createElement("a");
  step.href = event.currentTarget.href;
  const foreign = new URL(step.href).origin !== location.origin;
  if (foreign || event.ctrlKey || event.metaKey || event.shiftKey) {
    step.target = "_blank";
    step.rel = "noopener";
  }
  outer.body.append(step);
  step.click();
  step.remove();
}
