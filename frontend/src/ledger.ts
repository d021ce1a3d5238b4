// 台账：整行可点、冻结列的宽度、勾选后出现批量栏。没有脚本时链接和表单照常可用。
import { say } from "./words";

const INTERACTIVE = "a, button, input, select, textarea, label, summary, [tabindex]";

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const row = target.closest<HTMLTableRowElement>(".qy-table tbody tr");
  const inner = target.closest(INTERACTIVE);
  if (!row || (inner && row.contains(inner)) || getSelection()?.toString()) return;
  row.querySelector<HTMLAnchorElement>("a.qy-rowlink")?.click();
});

function freeze(table: HTMLTableElement): void {
  const cells = table.tHead?.rows[0]?.cells;
  if (!cells?.length) return;
  const first = cells[0]!.getBoundingClientRect().width;
  const second = cells[1]?.getBoundingClientRect().width ?? 0;
  table.style.setProperty("--first", `${first}px`);
  table.style.setProperty("--second", `${first + second}px`);
}

const watcher = new ResizeObserver((entries) => {
  for (const entry of entries) freeze(entry.target as HTMLTableElement);
});

export function prepareTables(root: ParentNode): void {
  for (const table of root.querySelectorAll<HTMLTableElement>(".qy-table[data-freeze]")) watcher.observe(table);
  for (const box of root.querySelectorAll<HTMLElement>(".qy-ledger")) {
    // 能滚动的区域须能用键盘到达（WCAG 2.1.1）
    if (!box.hasAttribute("tabindex")) {
      box.tabIndex = 0;
      box.setAttribute("role", "group"); // 不是地标：一页里的表可以同名
      const named = box.querySelector("caption") ?? box.closest(".qy-card")?.querySelector("h2") ?? document.querySelector("h1");
      const name = named?.textContent?.trim();
      if (name && !box.hasAttribute("aria-label")) box.setAttribute("aria-label", name);
    }
  }
}

document.addEventListener("change", (event) => {
  const box = event.target as HTMLInputElement;
  const form = box.closest("form");
  if (box.type !== "checkbox" || !form?.querySelector(".qy-batch")) return;
  if (box.hasAttribute("data-all")) {
    for (const one of form.querySelectorAll<HTMLInputElement>("input[data-row]")) one.checked = box.checked;
  }
  const chosen = form.querySelectorAll("input[data-row]:checked").length;
  const bar = form.querySelector<HTMLElement>(".qy-batch")!;
  bar.hidden = chosen === 0;
  const words = bar.querySelector("[data-chosen]");
  if (words) words.textContent = say("selected", { n: chosen });
});
