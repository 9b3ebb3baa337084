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
  return { periods: rows.map((row) => row.cells[0].textContent.trim()), series };
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

function options({ periods, series }) {
  const ink = token("--ink-2");
  const text = { color: ink, fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: !still.matches,
    animationDuration: 300,
    textStyle: text,
    grid: { left: 4, right: 20, top: 40, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 26, itemHeight: 8, textStyle: text },
    tooltip: {
      trigger: "axis",
      backgroundColor: token("--wall"),
      borderColor: token("--line"),
      textStyle: { color: token("--ink"), fontFamily: text.fontFamily },
      formatter: (points) => [points[0].axisValueLabel, ...points.map((p) => `${p.marker} ${p.seriesName} <b>${series[p.seriesIndex].written[p.dataIndex]}</b>`)].join("<br>"),
    },
    xAxis: { type: "category", data: periods, boundaryGap: false, axisLine: { lineStyle: { color: token("--line-2") } }, axisTick: { show: false }, axisLabel: { color: ink, hideOverlap: true } },
    yAxis: { type: "value", splitLine: { lineStyle: { color: token("--line") } }, axisLabel: { color: ink, formatter: scaled } },
    series: series.map(({ kind, name, values }) => ({ name, type: "line", data: values, connectNulls: kind !== "done", showSymbol: false, ...STYLES[kind]() })),
  };
}

function draw(place) {
  const table = document.getElementById(place.dataset.chart);
  if (!table) return;
  const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: "svg" });
  chart.setOption(options(read(table)), true);
  if (!place.dataset.drawn) {
    place.dataset.drawn = "yes";
    new ResizeObserver(() => chart.resize()).observe(place);
  }
}

const drawAll = (root = document) => root.querySelectorAll("[data-chart]").forEach(draw);
drawAll();
document.addEventListener("htmx:afterSettle", () => drawAll());
new MutationObserver(() => drawAll()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
