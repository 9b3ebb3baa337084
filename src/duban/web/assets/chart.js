import * as echarts from "echarts/core";
import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent, LegendComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([LineChart, GridComponent, TooltipComponent, LegendComponent, SVGRenderer]);

const still = matchMedia("(prefers-reduced-motion: reduce)");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// The numbers come from the table that stands under the chart, so that both always say the same.
function read(table) {
  const rows = [...table.querySelectorAll("tbody tr")];
  const heads = [...table.querySelectorAll("thead th")];
  const series = heads.flatMap((head, column) =>
    head.dataset.series
      ? [{
          kind: head.dataset.series,
          name: head.textContent.trim(),
          written: rows.map((row) => row.cells[column].textContent.trim()),
          values: rows.map((row) => (row.cells[column].dataset.value ? Number(row.cells[column].dataset.value) : null)),
        }]
      : [],
  );
  return { days: rows.map(day), periods: rows.map((row) => row.cells[0].textContent.trim()), series };
}

const day = (row) => row.cells[0].dataset.day ?? row.cells[0].textContent.trim();

// The range of a forecast: for each month its quantiles, the lowest first, and how the middle and the range of 80 per cent are written.
function readFan(table) {
  const columns = [...table.querySelectorAll("thead th")].flatMap((head, column) => (head.dataset.level ? [[Number(head.dataset.level), column]] : []));
  const at = (level) => columns.find(([one]) => one === level)[1];
  const rows = [...table.querySelectorAll("tbody tr")];
  return {
    names: { middle: table.dataset.middle, range: table.dataset.range },
    days: rows.map(day),
    periods: rows.map((row) => row.cells[0].textContent.trim()),
    values: new Map(rows.map((row) => [day(row), columns.map(([, column]) => Number(row.cells[column].dataset.value))])),
    written: new Map(rows.map((row) => {
      const [low, middle, high] = [0.1, 0.5, 0.9].map((level) => row.cells[at(level)].textContent.trim());
      return [day(row), { middle, range: `${low} – ${high}` }];
    })),
  };
}

// A chart's series on the days of both tables; without a fan exactly as its own table has them.
function joined(read, fan) {
  if (!fan?.days.length) return read;
  const labels = new Map([...fan.days.map((one, row) => [one, fan.periods[row]]), ...read.days.map((one, row) => [one, read.periods[row]])]);
  const days = [...labels.keys()].sort();
  const spread = (list) => days.map((one) => list[read.days.indexOf(one)] ?? null);
  return {
    days,
    periods: days.map((one) => labels.get(one)),
    series: read.series.map((one) => ({ ...one, values: spread(one.values), written: spread(one.written).map((told) => told ?? "–") })),
  };
}

const BANDS = [[0, 1, 0.1], [1, 2, 0.16], [2, 4, 0.26], [4, 5, 0.16], [5, 6, 0.1]];

// The fan as areas that stand on one another, from an unseen line at its lower edge, with its middle on top.
function fanned({ days }, fan) {
  if (!fan?.days.length) return [];
  const column = (pick) => days.map((one) => (fan.values.has(one) ? pick(fan.values.get(one)) : null));
  const unseen = { type: "line", stack: "fan", stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, z: 1 };
  return [
    { ...unseen, data: column((levels) => levels[0]) },
    ...BANDS.map(([low, high, opacity]) => ({
      ...unseen,
      name: low === 2 ? fan.names.range : undefined,
      itemStyle: { color: token("--accent"), opacity: 0.35 },
      areaStyle: { color: token("--accent"), opacity },
      data: column((levels) => levels[high] - levels[low]),
    })),
    { name: fan.names.middle, type: "line", symbol: "none", z: 3, lineStyle: { type: [6, 4], width: 1.5, color: token("--accent") }, itemStyle: { color: token("--accent") }, data: column((levels) => levels[3]) },
  ];
}

function told(index, { days, periods, series }, fan) {
  const line = (name, words) => `${name} <b>${words}</b>`;
  const foretold = fan?.written.get(days[index]);
  return [
    periods[index],
    ...series.filter((one) => one.values[index] !== null).map((one) => line(one.name, one.written[index])),
    ...(foretold ? [line(fan.names.middle, foretold.middle), line(fan.names.range, foretold.range)] : []),
  ].join("<br>");
}

const STYLES = {
  original: () => ({ lineStyle: { type: "dotted", width: 1.5, color: token("--line-2") }, itemStyle: { color: token("--line-2") } }),
  planned: () => ({ lineStyle: { type: "dashed", width: 2, color: token("--ink-2") }, itemStyle: { color: token("--ink-2") } }),
  done: () => ({ symbol: "circle", symbolSize: 7, showSymbol: true, lineStyle: { width: 3, color: token("--accent") }, itemStyle: { color: token("--accent") }, areaStyle: { color: token("--accent"), opacity: 0.08 } }),
};

// Axis labels in the unit in which the table tells its amounts.
function scaled(value) {
  const english = document.documentElement.lang === "en";
  const scales = english ? [[1e9, " bn"], [1e6, " m"], [1e3, " k"]] : [[1e8, "亿"], [1e4, document.documentElement.lang === "zh-hant" ? "萬" : "万"]];
  for (const [scale, word] of scales) if (Math.abs(value) >= scale) return `${+(value / scale).toFixed(2)}${word}`;
  return String(value);
}

const NARROW = 420; // its legend takes two lines

// What has stood for years is looked at closely: its axis begins near its lowest value, and nothing is filled down to it.
function options(read, fan, close, narrow) {
  const shown = joined(read, fan);
  const { periods, series } = shown;
  const ink = token("--ink-2");
  const text = { color: ink, fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: !still.matches,
    animationDuration: 300,
    textStyle: text,
    grid: { left: 4, right: 20, top: narrow ? 60 : 40, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 26, itemHeight: 8, textStyle: text, data: [...series.map((one) => one.name), ...(fan?.days.length ? [fan.names.middle, { name: fan.names.range, icon: "rect" }] : [])] },
    tooltip: {
      trigger: "axis",
      backgroundColor: token("--wall"),
      borderColor: token("--line"),
      textStyle: { color: token("--ink"), fontFamily: text.fontFamily },
      formatter: (points) => told(points[0].dataIndex, shown, fan),
    },
    xAxis: { type: "category", data: periods, boundaryGap: false, axisLine: { lineStyle: { color: token("--line-2") } }, axisTick: { show: false }, axisLabel: { color: ink, hideOverlap: true } },
    yAxis: { type: "value", scale: close, splitLine: { lineStyle: { color: token("--line") } }, axisLabel: { color: ink, formatter: scaled } },
    series: [
      ...series.map(({ kind, name, values }) => ({ name, type: "line", z: 4, data: values, connectNulls: kind !== "done", showSymbol: false, ...STYLES[kind](), ...(close ? { areaStyle: undefined } : {}) })),
      ...fanned(shown, fan),
    ],
  };
}

function draw(place) {
  const table = document.getElementById(place.dataset.chart);
  if (!table) return;
  const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: "svg" });
  const fan = document.getElementById(place.dataset.fan);
  chart.setOption(options(read(table), fan && readFan(fan), "close" in place.dataset, place.clientWidth < NARROW), true);
  if (!place.dataset.drawn) {
    place.dataset.drawn = "yes";
    new ResizeObserver(() => chart.resize()).observe(place);
  }
}

const drawAll = (root = document) => root.querySelectorAll("[data-chart]").forEach(draw);
drawAll();
document.addEventListener("htmx:afterSettle", () => drawAll());
new MutationObserver(() => drawAll()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
