// 首次绘制之前定好明暗，避免闪烁；经典脚本，不含模块。
(() => {
  const root = document.documentElement;
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem("qy-theme");
  } catch {
    // 浏览器禁止本地存储时，跟随系统。
  }
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset["bsTheme"] = dark ? "dark" : "light";
  root.classList.add("js");
})();
