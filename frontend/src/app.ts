// 每一页都装的脚本：htmx、明暗、键盘、活动部分、台账。地图与图表用到才取。
import htmx from "htmx.org";
import { foldBar } from "./bar";
import { beijing } from "./clock";
import { prepareTables } from "./ledger";
import { Live } from "./live";
import { toast } from "./toast";
import { say } from "./words";

Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0, // 页面内容不留在浏览器存储里
  defaultSettleDelay: 0,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  const { headers } = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  if (token) headers["X-CSRFToken"] = token;
});
document.addEventListener("htmx:responseError", (event) => {
  const { status } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
  toast(status === 401 || status === 403 ? say("denied") : say("failed", { status }), "error");
});
document.addEventListener("htmx:sendError", () => toast(say("failed", { status: 0 }), "error"));
document.addEventListener("htmx:afterSwap", (event) => {
  const root = event.target as HTMLElement;
  prepare(root);
  root.querySelector<HTMLElement>(".qy-errors")?.focus();
});
document.addEventListener("qy:swapped", (event) => prepare(event.target as HTMLElement));

/* 明暗 */
function theme(next: "light" | "dark"): void {
  document.documentElement.dataset["bsTheme"] = next;
  try {
    localStorage.setItem("qy-theme", next);
  } catch {
    // 存不下时只在本页有效。
  }
  document.dispatchEvent(new CustomEvent("qy:theme", { detail: next }));
  const voice = document.getElementById("qy-voice");
  if (voice) voice.textContent = say(next === "dark" ? "themeDark" : "themeLight");
}

/* 点击：明暗、菜单、对话框、打印 */
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-theme-toggle]")) theme(document.documentElement.dataset["bsTheme"] === "dark" ? "light" : "dark");
  if (target.closest("[data-print]")) window.print();
  const opener = target.closest<HTMLElement>("[data-dialog]");
  if (opener) openDialog(opener.dataset["dialog"] ?? "");
  if (target.closest("[data-close]") || (target instanceof HTMLDialogElement && target.classList.contains("qy-dialog"))) {
    target.closest("dialog")?.close();
  }
  const burger = target.closest<HTMLElement>(".qy-burger");
  if (burger) {
    const nav = document.getElementById("qy-nav");
    const open = nav?.toggleAttribute("data-open") ?? false;
    burger.setAttribute("aria-expanded", String(open));
  }
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.qy-menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  dialog.showModal();
  dialog.querySelector<HTMLInputElement>("input[type=search]")?.select();
}

/* 键盘：⌘K 查找、Esc 收菜单、↑↓ 在结果里走 */
document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openDialog("qy-find");
    return;
  }
  if (event.key === "Escape") {
    const menu = document.querySelector<HTMLDetailsElement>("details.qy-menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  }
  const find = (event.target as Element).closest?.("#qy-find");
  if (find && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const stops = [find.querySelector<HTMLElement>("input")!, ...find.querySelectorAll<HTMLElement>(".qy-found a")];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    stops[(at + (event.key === "ArrowDown" ? 1 : stops.length - 1)) % stops.length]?.focus();
  }
});

/* 防止连点两次把同一份表单交两遍 */
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.matches("[hx-post], [hx-get], [method=dialog]") || event.defaultPrevented) return;
  if (form.dataset["sent"]) {
    event.preventDefault();
    return;
  }
  form.dataset["sent"] = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset["sent"];
});

/* 有未保存内容时离开要提醒 */
let dirty = false;
document.addEventListener("input", (event) => {
  if ((event.target as Element).closest("form[data-keep]")) dirty = true;
});
document.addEventListener("submit", () => (dirty = false));
addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});

/* 选了哪些文件 */
document.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  const names = input.closest(".qy-file")?.querySelector("output");
  if (names && input.files?.length) names.textContent = [...input.files].map((f) => f.name).join("、");
});

/* 用到才取的部件 */
const LAZY: Record<string, () => Promise<unknown>> = {
  "qy-map": () => import("./map"),
  "qy-chart": () => import("./chart"),
  "qy-trace-plot": () => import("./trace"),
};
function prepare(root: ParentNode): void {
  prepareTables(root);
  for (const [tag, load] of Object.entries(LAZY)) {
    if (root.querySelector(tag) || (root instanceof Element && root.matches(tag))) {
      delete LAZY[tag];
      void load();
    }
  }
}

customElements.define("qy-live", Live);
prepare(document);
foldBar();
document.querySelector<HTMLElement>(".qy-errors")?.focus();

/* 城市时间往前走（演示城市的钟可能与墙上的不同，也可能快几倍） */
const cityTime = document.getElementById("qy-city-time");
if (cityTime) {
  const from = Date.parse(cityTime.getAttribute("datetime") ?? "");
  const rate = Number(cityTime.dataset["rate"] ?? 1);
  const start = performance.now();
  setInterval(() => (cityTime.textContent = beijing(from + (performance.now() - start) * rate).full), 1000);
}
