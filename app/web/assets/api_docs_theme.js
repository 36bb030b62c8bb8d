// Dark or light, before anything is drawn: as chosen in the portal's menu, else as the machine prefers.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      const key = Object.keys(localStorage).find((name) => name.startsWith("stActiveTheme"));
      return key ? String(JSON.parse(localStorage.getItem(key)).name) : "";
    } catch {
      return "";
    }
  };
  const apply = () => {
    const name = chosen().toLowerCase();
    const isDark = name.includes("dark") || (!name.includes("light") && dark.matches);
    document.documentElement.classList.toggle("dark-mode", isDark);
  };
  dark.addEventListener("change", apply);
  apply();
})();
