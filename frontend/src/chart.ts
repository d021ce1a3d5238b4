// <qy-chart>：监测数据随时间的变化。配置见 ui/README.md。
import { beijing, instant } from "./clock";
import { DASHES, type Limit, OFFSET, Plot, type Point, TOOLTIP, axes, beyond, inkOf, limitLine, tip, withGaps } from "./plot";
import { say } from "./words";

interface Series { name: string; points: Point[]; lag_hours?: number; dots?: boolean }
interface Config {
  title: string;
  unit: string;
  limit?: Limit | null;
  classes?: [name: string, upTo: number | string | null][];
  gap_minutes?: number;
  selected?: number | string | null;
  marks?: { at: number; label: string }[]; // 竖线：整改、复核等时点
  from_zero?: boolean;
  series: Series[];
}

const NORMAL = new Set(["", "N", undefined]);

class Chart extends Plot<Config> {
  #selected: number | null = null;
  readonly #follow = (event: Event) => {
    this.#selected = (event as CustomEvent<number>).detail;
    this.draw();
  };

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("qy:time", this.#follow);
  }

  override disconnectedCallback(): void {
    document.removeEventListener("qy:time", this.#follow);
    super.disconnectedCallback();
  }

  get #spark(): boolean {
    return this.getAttribute("size") === "spark";
  }

  #name(series: Series): string {
    return series.lag_hours ? say("lagged", { name: series.name, h: series.lag_hours }) : series.name;
  }

  #classOf(value: number): string | undefined {
    return this.config.classes?.find(([, upTo]) => upTo === null || value <= Number(upTo))?.[0];
  }

  describe(): string {
    const points = this.config.series[0]?.points ?? [];
    const first = points[0]?.[0], last = points.at(-1)?.[0];
    return say("chartLabel", {
      title: `${this.config.title} ${this.config.unit}`, n: points.length,
      from: first ? beijing(first).full : "—", to: last ? beijing(last).full : "—",
    });
  }

  legendRows(): { name: string; colour: string; dash: number }[] {
    if (this.#spark) return [];
    const ink = inkOf(this);
    return this.config.series.slice(0, 5).map((s, i) => ({ name: this.#name(s), colour: ink.series[i]!, dash: i }));
  }

  option(): object {
    const { config } = this;
    const ink = inkOf(this);
    const spark = this.#spark;
    const gap = (config.gap_minutes ?? 0) * 60_000;
    const limit = config.limit;
    const bound = limit?.bound ?? "max";
    const { xAxis, yAxis, grid } = axes(ink, config.unit, spark, this.span(config.series[0]?.points ?? []));
    const shown = config.series.slice(0, 5).map((s) => ({
      ...s,
      points: withGaps(s.points, gap).map(([at, value, flag]): Point => [at + (s.lag_hours ?? 0) * 3_600_000, value, flag]),
    }));
    const latest = shown[0]?.points.at(-1)?.[0] ?? 0;
    const lines = shown.map((s, i) => ({
      type: "line", name: this.#name(s), z: 4 - i * 0.1,
      // 上游已后移的曲线不画到“此刻”之后
      data: s.points.filter(([at]) => at <= latest).map(([at, value, flag]) => ({
        value: [at + OFFSET, value === null ? null : Number(value)], flag, text: value,
        symbol: NORMAL.has(flag) && !s.dots ? "none" : "circle",
        itemStyle: s.dots ? { color: ink.series[i], opacity: 0.75 } : { color: ink.surface, borderColor: ink.series[i], borderWidth: 1.5 },
      })),
      symbolSize: 6, showSymbol: true, showAllSymbol: true, connectNulls: false,
      lineStyle: { color: ink.series[i], width: s.dots ? 0 : i ? 1.5 : 2, type: DASHES[i] },
      itemStyle: { color: ink.series[i] }, emphasis: { disabled: true },
      ...(i === 0 && limit ? { markLine: limitLine(ink, limit, this.#limitWords(limit), spark) } : {}),
    }));
    const shade = limit && shown[0] && !shown[0].dots
      ? [{
          type: "line", silent: true, z: 1, symbol: "none", connectNulls: false, lineStyle: { opacity: 0 }, tooltip: { show: false },
          data: beyond(shown[0].points, Number(limit.value), bound).map(([at, v]) => [at + OFFSET, v]),
          areaStyle: { color: ink.late, opacity: 0.18, origin: Number(limit.value) },
        }]
      : [];
    const selected = this.#selected ?? (config.selected == null ? null : instant(config.selected));
    const clock = selected === null
      ? []
      : [{
          type: "line", silent: true, data: [], z: 2,
          markLine: {
            symbol: "none", silent: true, animation: false, lineStyle: { color: ink.ink, width: 1, type: "solid" },
            label: { show: !spark, formatter: beijing(selected).time, color: ink.ink, fontSize: 12, position: "end", distance: 4 },
            data: [{ xAxis: selected + OFFSET }],
          },
        }];
    const marks = (config.marks ?? []).map(({ at, label }) => ({
      type: "line", silent: true, data: [], z: 2,
      markLine: {
        symbol: "none", silent: true, animation: false, lineStyle: { color: ink.quiet, width: 1, type: [4, 3] },
        label: { show: !spark, formatter: label, color: ink.ink, fontSize: 12, position: "insideEndTop", rotate: 0 },
        data: [{ xAxis: at + OFFSET }],
      },
    }));
    const roof = limit ? Number(limit.value) * 1.15 : 0;
    return {
      grid, xAxis,
      yAxis: {
        ...yAxis, scale: config.from_zero === false,
        max: (range: { max: number }) => (range.max < roof ? nice(roof) : null),
      },
      tooltip: {
        ...TOOLTIP, show: !spark, axisPointer: { type: "line", snap: true, lineStyle: { color: ink.quiet, width: 1, type: "solid" }, label: { show: false } },
        formatter: (hits: { seriesIndex: number; data: { value?: [number, number | null]; flag?: string; text?: string | number } }[]) => this.#tip(hits),
      },
      series: [...lines, ...shade, ...marks, ...clock],
    };
  }

  #limitWords(limit: Limit): string {
    const kind = limit.class ? `${limit.class} ` : "";
    return `${kind}${say("limit")} ${limit.value} ${this.config.unit} · ${limit.standard}`;
  }

  #tip(hits: { seriesIndex: number; data: { value?: [number, number | null]; flag?: string; text?: string | number } }[]): HTMLElement | string {
    const ink = inkOf(this);
    const mine = hits.filter((h) => h.seriesIndex < this.config.series.length && h.data.value);
    const at = mine[0]?.data.value?.[0];
    if (at === undefined) return "";
    return tip(at - OFFSET, mine.map((h) => {
      const value = h.data.value![1];
      const { flag } = h.data;
      return {
        name: this.#name(this.config.series[h.seriesIndex]!), colour: ink.series[h.seriesIndex]!, dash: h.seriesIndex,
        text: value === null ? say("gap") : `${h.data.text} ${this.config.unit}`,
        badge: value === null ? undefined : this.#classOf(value),
        note: NORMAL.has(flag) ? undefined : say("flag", { flag: flag ?? "" }),
      };
    }));
  }
}

function nice(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value)) / 5;
  return Number((Math.ceil(value / step) * step).toPrecision(6));
}

customElements.define("qy-chart", Chart);
