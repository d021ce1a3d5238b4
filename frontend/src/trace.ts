// <qy-trace-plot>：溯源的拟合图。实测为点，各嫌疑源推算为线，首位带 90% 区间。
import { beijing } from "./clock";
import { DASHES, FACE, type Limit, OFFSET, Plot, type Point, TOOLTIP, axes, inkOf, limitLine, tip } from "./plot";
import { say } from "./words";

interface Fit { name: string; mean: Point[]; low?: Point[]; high?: Point[] }
interface Config { title: string; unit: string; limit?: Limit | null; until?: number; observed: Point[]; fits: Fit[] }
interface Hit { seriesName: string; value: [number, number] }

const number = (v: Point[1]) => (v === null ? null : Number(v));

class TracePlot extends Plot<Config> {
  describe(): string {
    const first = this.config.observed[0]?.[0], last = this.config.observed.at(-1)?.[0];
    return say("chartLabel", {
      title: this.config.title, n: this.config.observed.length,
      from: first ? beijing(first).full : "—", to: last ? beijing(last).full : "—",
    });
  }

  #colours(): string[] {
    const ink = inkOf(this);
    return [ink.suspect, ink.series[2]!, ink.series[3]!, ink.quiet];
  }

  legendRows(): { name: string; colour: string; dash: number; area?: boolean }[] {
    const colours = this.#colours();
    const rows: { name: string; colour: string; dash: number; area?: boolean }[] = this.config.fits
      .slice(0, 4).map((f, i) => ({ name: f.name, colour: colours[i]!, dash: i }));
    if (this.config.fits[0]?.low) rows.push({ name: say("band"), colour: colours[0]!, dash: 0, area: true });
    return rows;
  }

  option(): object {
    const { config } = this;
    const ink = inkOf(this);
    const colours = this.#colours();
    const { xAxis, yAxis, grid } = axes(ink, config.unit, false, this.span(config.observed, config.fits[0]?.mean ?? []));
    const head = config.fits[0];
    // 量的上限很宽时不让它压扁实测：纵轴到实测、中位与限值最大者的四倍为止，阴影出顶
    const top = 4 * Math.max(...[config.observed, ...config.fits.map((f) => f.mean)].flatMap((points) => points.map((p) => number(p[1]) ?? 0)), Number(config.limit?.value ?? 0));
    const highest = Math.max(0, ...(head?.high ?? []).map((p) => number(p[1]) ?? 0));
    if (top > 0 && highest > top) Object.assign(yAxis, { max: Number(top.toPrecision(2)) });
    const band = head?.low && head.high
      ? [
          { type: "line", silent: true, symbol: "none", stack: "band", lineStyle: { opacity: 0 }, data: head.low.map(([t, v]) => [t + OFFSET, number(v)]), tooltip: { show: false } },
          {
            type: "line", silent: true, symbol: "none", stack: "band", lineStyle: { opacity: 0 }, areaStyle: { color: colours[0], opacity: 0.16 }, tooltip: { show: false },
            data: head.high.map(([t, v], i) => [t + OFFSET, (number(v) ?? 0) - (number(head.low![i]?.[1] ?? null) ?? 0)]),
          },
        ]
      : [];
    const fits = config.fits.slice(0, 4).map((f, i) => ({
      type: "line", name: f.name, symbol: "none", z: 3, emphasis: { disabled: true },
      lineStyle: { color: colours[i], width: i ? 1.5 : 2, type: DASHES[i] }, itemStyle: { color: colours[i] },
      data: f.mean.map(([t, v]) => [t + OFFSET, number(v)]),
    }));
    const observed = {
      type: "line", name: say("observed"), z: 5, lineStyle: { opacity: 0 }, symbol: "circle", symbolSize: 6, showAllSymbol: true, emphasis: { disabled: true },
      itemStyle: { color: ink.ink, borderColor: ink.surface, borderWidth: 1 }, data: config.observed.map(([t, v]) => [t + OFFSET, number(v)]),
      ...(config.limit ? { markLine: limitLine(ink, config.limit, `${config.limit.class ?? ""} ${say("limit")} ${config.limit.value}`, false) } : {}),
    };
    // 数据到此为止，其后是推算
    const until = config.until ? [{
      type: "line", silent: true, data: [], tooltip: { show: false },
      markLine: {
        symbol: "none", silent: true, animation: false, lineStyle: { color: ink.quiet, width: 1, type: [2, 3] },
        label: { show: true, formatter: beijing(config.until).time, position: "end", color: ink.quiet, fontFamily: FACE, fontSize: 12, distance: 4 },
        data: [{ xAxis: config.until + OFFSET }],
      },
    }] : [];
    return {
      grid, xAxis, yAxis,
      tooltip: {
        ...TOOLTIP, axisPointer: { type: "line", lineStyle: { color: ink.quiet, width: 1, type: "solid" }, label: { show: false } },
        formatter: (hits: Hit[]) => {
          const at = hits[0]?.value[0];
          if (at === undefined) return "";
          return tip(at - OFFSET, hits.filter((h) => h.seriesName && !h.seriesName.startsWith("series")).map((h) => {
            const i = config.fits.findIndex((f) => f.name === h.seriesName);
            return { name: h.seriesName, text: `${h.value[1]} ${config.unit}`, colour: i < 0 ? ink.ink : colours[i]!, dash: Math.max(i, 0) };
          }));
        },
      },
      series: [...band, ...fits, observed, ...until],
    };
  }
}

customElements.define("qy-trace-plot", TracePlot);
