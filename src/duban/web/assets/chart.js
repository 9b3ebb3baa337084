import * as echarts from "echarts/core";
import { LineChart, BarChart } from "echarts/charts";
import { GridComponent, TooltipComponent, LegendComponent, MarkLineComponent, AriaComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([LineChart, BarChart, GridComponent, TooltipComponent, LegendComponent, MarkLineComponent, AriaComponent, SVGRenderer]);

const still = matchMedia("(prefers-reduced-motion: reduce)");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// The numbers come from the table that stands under the chart, so that both always say the same.
function read(table) {
  const heads = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
  const rows = [...table.querySelectorAll("tbody tr")];
  const periods = rows.map((row) => row.cells[0].textContent.trim());
  const series = heads.slice(1).map((name, column) => ({
    name,
    written: rows.map((row) => row.cells[column + 1].textContent.trim()),
    values: rows.map((row) => {
      const value = row.cells[column + 1].dataset.value;
      return value === undefined || value === "" ? null : Number(value);
    }),
  }));
  return { periods, series };
}

function options({ periods, series }, unit) {
  const [planned, done] = series;
  const ink = token("--ink-2");
  const text = { color: ink, fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: !still.matches,
    animationDuration: 300,
    textStyle: text,
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, icon: "roundRect", itemWidth: 18, itemHeight: 3, textStyle: text },
    tooltip: {
      trigger: "axis",
      backgroundColor: token("--wall"),
      borderColor: token("--line"),
      textStyle: { color: token("--ink"), fontFamily: text.fontFamily },
      formatter: (points) => [points[0].axisValueLabel, ...points.map((p) => `${p.marker} ${p.seriesName} <b>${series[p.seriesIndex].written[p.dataIndex]}</b>`)].join("<br>"),
    },
    xAxis: { type: "category", data: periods, boundaryGap: false, axisLine: { lineStyle: { color: token("--line-2") } }, axisTick: { show: false }, axisLabel: { color: ink, hideOverlap: true } },
    yAxis: { type: "value", name: unit, nameTextStyle: { color: ink, align: "left" }, splitLine: { lineStyle: { color: token("--line") } }, axisLabel: { color: ink } },
    series: [
      { name: planned.name, type: "line", data: planned.values, connectNulls: true, showSymbol: false, lineStyle: { type: "dashed", width: 2, color: token("--line-2") }, itemStyle: { color: token("--line-2") } },
      { name: done.name, type: "line", data: done.values, symbol: "circle", symbolSize: 7, lineStyle: { width: 3, color: token("--accent") }, itemStyle: { color: token("--accent") }, areaStyle: { color: token("--accent"), opacity: 0.08 } },
    ],
  };
}

function draw(place) {
  const table = document.getElementById(place.dataset.chart);
  if (!table) return;
  const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: "svg" });
  chart.setOption(options(read(table), place.dataset.unit), true);
  if (!place.dataset.drawn) {
    place.dataset.drawn = "yes";
    new ResizeObserver(() => chart.resize()).observe(place);
  }
}

const drawAll = (root = document) => root.querySelectorAll("[data-chart]").forEach(draw);
drawAll();
document.addEventListener("htmx:afterSettle", () => drawAll());
new MutationObserver(() => drawAll()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
