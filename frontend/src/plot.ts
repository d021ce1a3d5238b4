// 时间序列图的公共部分：颜色取自样式记号，时间轴按北京时间，提示框用 DOM 搭（内容策略不许行内样式）。
import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { beijing } from "./clock";

echarts.use([LineChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

export type Point = [at: number, value: number | string | null, flag?: string];
export interface Limit {
  value: number | string;
  standard: string;
  class?: string;
  bound?: "max" | "min";
}

/** Shift so that the library's UTC axis shows Beijing days whatever the PC's zone is. */
export const OFFSET = 8 * 3_600_000;
export const DASHES = ["solid", [6, 4], [2, 3], [10, 3, 2, 3], [1, 4]] as const;
export const SVG = "http://www.w3.org/2000/svg";

export interface Ink {
  ink: string; quiet: string; line: string; surface: string; late: string; lateSoft: string; brand: string; suspect: string;
  series: string[];
}
export function inkOf(element: Element): Ink {
  const css = getComputedStyle(element);
  const get = (name: string) => css.getPropertyValue(name).trim();
  const dark = document.documentElement.dataset["bsTheme"] === "dark";
  return {
    ink: get("--ink"), quiet: get("--ink-2"), line: get("--line"), surface: get("--surface"), late: get("--late"),
    lateSoft: get("--late-soft"), brand: get("--brand"), suspect: get("--suspect"),
    series: [get("--brand"), get("--suspect"), dark ? "#7fb2ea" : "#1f5f9e", dark ? "#d3ab5f" : "#83621c", get("--ink-2")],
  };
}

export const FACE = '"Noto Sans SC", "Source Han Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif';

/** Insert a hole wherever two points lie further apart than *gap*: gaps are gaps, never joined. */
export function withGaps(points: Point[], gap: number): Point[] {
  const out: Point[] = [];
  let last: Point | undefined;
  for (const point of points) {
    if (last && gap > 0 && point[0] - last[0] > gap) out.push([last[0] + 1, null]);
    out.push(point);
    last = point;
  }
  return out;
}

/** The part of the curve beyond the limit, with its crossings, for shading; null elsewhere. */
export function beyond(points: Point[], limit: number, bound: "max" | "min"): [number, number | null][] {
  const over = (v: number) => (bound === "max" ? v > limit : v < limit);
  const out: [number, number | null][] = [];
  let last: [number, number] | undefined;
  for (const [at, raw] of points) {
    if (raw === null) {
      out.push([at, null]);
      last = undefined;
      continue;
    }
    const value = Number(raw);
    if (last && over(last[1]) !== over(value)) {
      const cross = last[0] + ((at - last[0]) * (limit - last[1])) / (value - last[1]);
      out.push([cross, limit]);
      if (over(last[1])) out.push([cross + 1, null]);
    }
    if (over(value)) out.push([at, value]);
    last = [at, value];
  }
  return out;
}

/** Ticks on whole Beijing hours or days (already shifted by OFFSET), about one per 72 px. */
export function ticks(from: number, to: number, width: number): number[] {
  const room = Math.max(2, Math.floor(width / 72));
  const hour = 3_600_000;
  const step = [1, 2, 3, 6, 12, 24, 48, 168, 720].find((h) => (to - from) / (h * hour) <= room) ?? 2160;
  const out: number[] = [];
  for (let at = Math.ceil(from / (step * hour)) * step * hour; at <= to; at += step * hour) out.push(at);
  return out;
}

export interface Span { from: number; to: number; width: number }
export function axes(ink: Ink, name: string, spark: boolean, span: Span): { xAxis: object; yAxis: object; grid: object } {
  const marks = ticks(span.from + OFFSET, span.to + OFFSET, span.width);
  const label = { color: ink.quiet, fontFamily: FACE, fontSize: 12 };
  return {
    grid: spark
      ? { left: 2, right: 6, top: 8, bottom: 4, outerBoundsMode: "none" }
      : { left: 8, right: 20, top: 34, bottom: 6, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "time", show: !spark,
      axisLine: { lineStyle: { color: ink.line } },
      axisTick: { show: true, lineStyle: { color: ink.line }, customValues: marks },
      splitLine: { show: false },
      axisLabel: {
        ...label, customValues: marks,
        formatter: (at: number) => {
          const { day, time } = beijing(at - OFFSET);
          return time === "00:00" ? `{d|${day}}` : time;
        },
        rich: { d: { color: ink.ink, fontWeight: 600, fontFamily: FACE, fontSize: 12 } },
      },
    },
    yAxis: {
      type: "value", show: !spark, name,
      nameTextStyle: { ...label, align: "left", padding: [0, 0, 4, 0] }, nameGap: 12, nameMoveOverlap: false,
      axisLine: { show: false }, axisTick: { show: false },
      splitLine: { lineStyle: { color: ink.line, width: 1 } },
      axisLabel: label,
    },
  };
}

export function limitLine(ink: Ink, limit: Limit, words: string, spark: boolean): object {
  return {
    symbol: "none", silent: true, animation: false,
    lineStyle: { color: ink.late, width: 1.25, type: [5, 3] },
    label: {
      show: !spark, formatter: words, position: "insideStartTop", color: ink.late, fontFamily: FACE, fontSize: 12,
      distance: 3, backgroundColor: "transparent",
    },
    data: [{ yAxis: Number(limit.value) }],
  };
}

export interface Row { name: string; text: string; colour: string; dash: number; badge?: string | undefined; note?: string | undefined }
export function tip(at: number, rows: Row[]): HTMLElement {
  const box = document.createElement("div");
  box.className = "qy-tip";
  const time = document.createElement("time");
  time.textContent = beijing(at).full;
  box.append(time);
  for (const row of rows) {
    const line = document.createElement("div");
    const name = document.createElement("span");
    name.textContent = row.name;
    const value = document.createElement("b");
    value.textContent = row.text;
    line.append(swatch(row.colour, row.dash), name, value);
    if (row.badge) {
      const badge = document.createElement("span");
      badge.className = "qy-class";
      badge.dataset["class"] = row.badge;
      badge.textContent = row.badge;
      line.append(badge);
    }
    if (row.note) {
      const note = document.createElement("em");
      note.textContent = row.note;
      line.append(note);
    }
    box.append(line);
  }
  return box;
}

export function swatch(colour: string, dash: number, area = false): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 22 10");
  svg.setAttribute("aria-hidden", "true");
  const mark = document.createElementNS(SVG, area ? "rect" : "line");
  const d = DASHES[dash];
  const given: Record<string, string> = area
    ? { x: "0", y: "1", width: "22", height: "8", fill: colour, "fill-opacity": "0.25" }
    : { x1: "0", x2: "22", y1: "5", y2: "5", stroke: colour, "stroke-width": "2", ...(Array.isArray(d) ? { "stroke-dasharray": d.join(" ") } : {}) };
  for (const [key, value] of Object.entries(given)) mark.setAttribute(key, value);
  svg.append(mark);
  return svg;
}

export function legend(rows: { name: string; colour: string; dash: number; area?: boolean }[]): HTMLUListElement {
  const list = document.createElement("ul");
  list.className = "qy-legend";
  for (const row of rows) {
    const item = document.createElement("li");
    item.append(swatch(row.colour, row.dash, row.area), row.name);
    list.append(item);
  }
  return list;
}

export const TOOLTIP = {
  trigger: "axis", confine: true, padding: 0, borderWidth: 0, backgroundColor: "transparent", extraCssText: "box-shadow:none",
  transitionDuration: 0,
};

/** An element that reads JSON from its script child, or from its `url`, and draws before its table. */
export abstract class Plot<Config> extends HTMLElement {
  protected chart: echarts.ECharts | undefined;
  protected config!: Config;
  #resizer: ResizeObserver | undefined;
  readonly #redraw = () => this.draw();

  abstract option(): object;
  abstract legendRows(): { name: string; colour: string; dash: number; area?: boolean }[];
  abstract describe(): string;

  connectedCallback(): void {
    const script = this.querySelector<HTMLScriptElement>('script[type="application/json"]');
    if (this.chart) return;
    if (!script) return void this.#read();
    this.config = JSON.parse(script.textContent ?? "{}") as Config;
    const box = document.createElement("div");
    box.className = "qy-plot";
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", this.describe());
    script.after(box);
    this.chart = echarts.init(box, null, { renderer: "canvas" });
    this.#resizer = new ResizeObserver(() => {
      this.chart?.resize();
      this.draw();
    });
    this.#resizer.observe(box);
    document.addEventListener("qy:theme", this.#redraw);
    this.draw();
  }

  /** Fetch what to draw and keep it as the script child; without readings the card goes away. */
  async #read(): Promise<void> {
    const url = this.getAttribute("url");
    const answer = url ? await fetch(url).catch(() => undefined) : undefined;
    const text = answer?.ok ? await answer.text() : "{}";
    if (!(JSON.parse(text) as { series?: { points: Point[] }[] }).series?.[0]?.points.length) {
      (this.closest(".qy-card") ?? this).remove();
      return;
    }
    const script = document.createElement("script");
    script.type = "application/json";
    script.textContent = text;
    this.prepend(script);
    this.connectedCallback();
  }

  disconnectedCallback(): void {
    document.removeEventListener("qy:theme", this.#redraw);
    this.#resizer?.disconnect();
    this.chart?.dispose();
    this.chart = undefined;
    this.querySelector(".qy-plot")?.remove();
    this.querySelector(".qy-legend")?.remove();
  }

  /** From the first to the last of *points*, and how wide the plot is. */
  protected span(...lines: Point[][]): Span {
    const times = lines.flatMap((points) => [points[0]?.[0], points.at(-1)?.[0]]).filter((t) => t !== undefined);
    return { from: Math.min(...times), to: Math.max(...times), width: this.chart?.getWidth() ?? 600 };
  }

  protected draw(): void {
    this.chart?.setOption({ useUTC: true, animation: false, textStyle: { fontFamily: FACE }, ...this.option() }, true);
    this.querySelector(".qy-legend")?.remove();
    const rows = this.legendRows();
    if (rows.length > 1) this.querySelector(".qy-plot")?.before(legend(rows));
  }
}
