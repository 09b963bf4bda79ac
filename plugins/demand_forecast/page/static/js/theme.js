// Follows Airflow's own choice of light or dark, which it keeps in this origin's storage; else the system's.
// A classic script in the head: the page must not flash in the wrong colours first.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem("theme");
    } catch {
      // Storage may be refused; then the system decides.
    }
    const dark = chosen === "dark" || (chosen !== "light" && system.matches);
    const theme = dark ? "dark" : "light";
    if (document.documentElement.dataset.theme === theme) return;
    document.documentElement.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("themechange"));
  };
  apply();
  addEventListener("storage", apply);
  system.addEventListener("change", apply);
})();
