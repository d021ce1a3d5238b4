// 地图符号：形状各不相同，颜色不是唯一的线索。画一次，深浅两套。
import palette from "../../../src/qingyuan/web/ui/palette.json";

export const CLASSES = palette.scales.water_class.steps;
export const LEVELS = palette.scales.aqi_level.steps;
export const ROADS = palette.scales.road_class.steps;
export const RAMP = palette.suspicion;
const RATIO = 2;

type Draw = (c: CanvasRenderingContext2D, s: number) => void;

function paint(size: number, draw: Draw): { data: ImageData; pixelRatio: number } {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const c = canvas.getContext("2d", { willReadFrequently: true })!;
  c.scale(RATIO, RATIO);
  c.lineJoin = c.lineCap = "round";
  draw(c, size);
  return { data: c.getImageData(0, 0, canvas.width, canvas.height), pixelRatio: RATIO };
}

const shape = (fill: string, stroke: string, width: number, path: (c: CanvasRenderingContext2D, s: number) => void): Draw => (c, s) => {
  c.beginPath();
  path(c, s);
  c.closePath();
  c.fillStyle = fill;
  c.fill();
  c.lineWidth = width;
  c.strokeStyle = stroke;
  c.stroke();
};
const triangle = (c: CanvasRenderingContext2D, s: number) => {
  c.moveTo(2, 3);
  c.lineTo(s - 2, 3);
  c.lineTo(s / 2, s - 2);
};
const square = (c: CanvasRenderingContext2D, s: number) => c.roundRect(2, 2, s - 4, s - 4, 2);
const diamond = (c: CanvasRenderingContext2D, s: number) => {
  c.moveTo(s / 2, 1.5);
  c.lineTo(s - 1.5, s / 2);
  c.lineTo(s / 2, s - 1.5);
  c.lineTo(1.5, s / 2);
};

export interface Theme {
  dark: boolean; ground: string; surface: string; sunken: string; line: string; line2: string; ink: string; ink2: string;
  brand: string; warn: string; late: string; ok: string; suspect: string; mark: string; water: string;
}
export function themeOf(element: Element): Theme {
  const css = getComputedStyle(element);
  const get = (n: string) => css.getPropertyValue(n).trim();
  const dark = document.documentElement.dataset["bsTheme"] === "dark";
  return {
    dark, ground: get("--ground"), surface: get("--surface"), sunken: get("--sunken"), line: get("--line"), line2: get("--line-2"),
    ink: get("--ink"), ink2: get("--ink-2"), brand: get("--brand"), warn: get("--warn"), late: get("--late"), ok: get("--ok"),
    suspect: get("--suspect"), mark: get("--mark-line"), water: dark ? "#3d6f86" : "#7fa9bd",
  };
}

/** All images of one theme; names end in ``-l`` or ``-d`` so that both can be loaded at once. */
export function images(t: Theme): [name: string, image: ImageData, pixelRatio: number][] {
  const tail = t.dark ? "-d" : "-l";
  const drawn: [string, number, Draw][] = [
    ["outfall", 14, shape(t.surface, t.ink, 1.5, triangle)],
    ["enterprise", 12, shape(t.ink2, t.surface, 1.5, square)],
    ["case-ok", 20, shape(t.surface, t.brand, 2.5, diamond)],
    ["case-warn", 20, shape(t.surface, t.warn, 3, diamond)],
    ["case-late", 20, shape(t.late, t.surface, 1.5, diamond)],
    ["arrow", 12, (c) => {
      c.beginPath();
      c.moveTo(4, 2);
      c.lineTo(9, 6);
      c.lineTo(4, 10);
      c.lineWidth = 2;
      c.strokeStyle = "#17211d";
      c.stroke();
    }],
    ...LEVELS.map((l): [string, number, Draw] => [`air-${l.name}`, 26, shape(l.colour, t.mark, 2, square)]),
    ["air-", 26, shape(t.surface, t.line2, 2, square)],
  ];
  return drawn.map(([name, size, draw]) => {
    const made = paint(size, draw);
    return [name + tail, made.data, made.pixelRatio];
  });
}
