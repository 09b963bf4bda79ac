// Airflow shows this page in a sandboxed frame that may open neither windows nor its parent's pages.

// Links to Airflow's own pages open in the window around the frame: the click is made there, by the window's own
// document. Outside of a frame they are plain links.
export function openInAirflow(event) {
  if (window.parent === window || event.defaultPrevented || event.button !== 0) return;
  event.preventDefault();
  const outer = window.parent.document;
  const step = outer.createElement("a");
  step.href = event.currentTarget.href;
  if (event.ctrlKey || event.metaKey || event.shiftKey) {
    step.target = "_blank";
    step.rel = "noopener";
  }
  outer.body.append(step);
  step.click();
  step.remove();
}
