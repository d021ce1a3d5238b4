// 显示一律用北京时间；数据里是 UTC 毫秒或 ISO 时刻。
const parts = new Intl.DateTimeFormat("en-CA", {
  timeZone: "Asia/Shanghai", hourCycle: "h23",
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
});

export function beijing(at: number): { date: string; day: string; time: string; full: string; hour: number } {
  const p = Object.fromEntries(parts.formatToParts(at).map((x) => [x.type, x.value]));
  const day = `${p["month"]}-${p["day"]}`;
  const time = `${p["hour"]}:${p["minute"]}`;
  const date = `${p["year"]}-${day}`;
  return { date, day, time, full: `${date} ${time}`, hour: Number(p["hour"]) };
}

export const instant = (value: string | number): number => (typeof value === "number" ? value : Date.parse(value));

/** Beijing midnights inside [from, to]; the offset is fixed, there is no summer time since 1991. */
export function midnights(from: number, to: number): number[] {
  const day = 86_400_000, offset = 8 * 3_600_000;
  const out: number[] = [];
  for (let at = Math.ceil((from + offset) / day) * day - offset; at <= to; at += day) out.push(at);
  return out;
}
