// 地图的配置与数据：由服务器写在 <script type="application/json"> 里。
import type { Feature, FeatureCollection } from "geojson";

export type Kind =
  | "districts" | "rivers" | "sections" | "outfalls" | "enterprises" | "cases" | "air" | "dust" | "suspects" | "plume" | "roads" | "hotspots";

export interface LayerConfig {
  name: string;
  label: string;
  kind: Kind;
  group: string;
  src: string;
  card?: string; // 地址，内含 {id}；空则点不开
  on?: boolean;
  timed?: boolean; // 随时间轴重取（?at=）
  tints?: Tint[]; // 可选的着色：按类别、环节、负荷
}
export interface Tint {
  name: string;
  label: string;
  property: string;
  values: [value: string, label: string, colour: string][]; // 空：按大小画圆
  unit?: string;
  largest?: number; // 按大小：画成最大圆的数值
}
export interface TimeConfig {
  from: string;
  to: string;
  step_minutes: number;
  now?: string; // 此刻在轴上的位置；缺省为终点
  alarms: { at: string; label: string }[];
}
/** 走航路段：可看的日子、现在的日与时（空为全天），每天一份数的地址。 */
export interface HoursConfig {
  days: string[];
  day: string;
  hour: number | null;
  layer: string;
  src: string;
  names: Record<string, string>; // 级别的名称
}
export interface MapConfig {
  bounds: [number, number, number, number];
  layers: LayerConfig[];
  time?: TimeConfig | null;
  hours?: HoursConfig | null;
  trace?: boolean; // 溯源：不在上游的河段变淡
  here?: string; // 点在空白处：问这里的河道（?lon=&lat=）
  selected?: { layer: string; id: string } | null;
}
export type Data = Map<string, FeatureCollection>;

/** The point a feature is listed and picked at. */
export function anchor(feature: Feature): [number, number] | null {
  const flat: number[][] = [];
  const walk = (c: unknown): void => {
    if (!Array.isArray(c)) return;
    if (typeof c[0] === "number") flat.push(c as number[]);
    else c.forEach(walk);
  };
  if (feature.geometry && "coordinates" in feature.geometry) walk(feature.geometry.coordinates);
  if (!flat.length) return null;
  if (feature.geometry.type.includes("Line")) return flat[Math.floor(flat.length / 2)] as [number, number];
  const xs = flat.map((p) => p[0]!), ys = flat.map((p) => p[1]!);
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

/** The code an object is opened by. */
export const codeOf = (feature: Feature): string => String(feature.properties?.["code"] ?? feature.properties?.["id"] ?? "");
