/* Charts: functions that return the options of ECharts. Colours are read at each call, for light and dark. */
(function () {
  "use strict";
  const house = window.house;
  const ECHARTS = "/_solara/cdn/echarts@5.6.0/dist/echarts.common.min.js";
  house.echarts = () => new Promise((done) => window.requirejs([ECHARTS], done));

  const frame = (months, title) => ({
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif", color: house.colour("text") },
    grid: { left: 38, right: 14, top: 16, bottom: 26 },
    aria: { enabled: true, label: { description: title } },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: house.colour("paper"),
      borderColor: house.colour("faint"),
      textStyle: { color: house.colour("text"), fontSize: 12 },
    },
    xAxis: {
      type: "category",
      data: months,
      boundaryGap: false,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: house.colour("faint") } },
      axisLabel: {
        color: house.colour("muted"),
        formatter: (month) => month.slice(0, 4),
        interval: (n, month) => month.endsWith("-01"),
        hideOverlap: true,
      },
    },
    yAxis: {
      type: "value",
      min: 0,
      splitLine: { lineStyle: { color: house.colour("faint"), width: 0.6 } },
      axisLabel: { color: house.colour("muted") },
    },
  });

  const mark = (months, at, cutoff) => ({
    silent: true,
    symbol: "none",
    label: { show: false },
    data: [
      { xAxis: at, lineStyle: { color: house.colour("text"), width: 1.2, type: "solid" } },
      ...(months.includes(cutoff)
        ? [{ xAxis: months.indexOf(cutoff), lineStyle: { color: house.colour("muted"), type: "dotted" } }]
        : []),
    ],
  });

  /* One fan: the median as a line, p10 to p90 as a band. */
  const fan = (name, [low, middle, high], colour, dashed) => [
    {
      name: `${name}, p10`,
      type: "line",
      stack: name,
      data: low,
      lineStyle: { opacity: 0 },
      symbol: "none",
      silent: true,
    },
    {
      name: `${name}, p90`,
      type: "line",
      stack: name,
      data: high.map((h, n) => h - low[n]),
      symbol: "none",
      silent: true,
      lineStyle: { opacity: 0 },
      areaStyle: { color: colour, opacity: dashed ? 0.1 : 0.22 },
    },
    {
      name,
      type: "line",
      data: middle,
      symbol: "none",
      lineStyle: { color: colour, width: 2, type: dashed ? "dashed" : "solid" },
      itemStyle: { color: colour },
    },
  ];

  /* A tooltip consists of text nodes, never of markup: names and labels can come from anybody's scenario. */
  const tip = (lines) => {
    const box = document.createElement("div");
    Object.assign(box.style, { maxWidth: "320px", whiteSpace: "normal", overflowWrap: "anywhere" });
    for (const { text, colour, value } of lines) {
      const line = document.createElement("div");
      if (colour) {
        const dot = document.createElement("span");
        dot.style.color = colour;
        dot.textContent = "● ";
        line.append(dot);
      }
      line.append(text);
      if (value) {
        const strong = document.createElement("b");
        strong.textContent = value;
        line.append(": ", strong);
      }
      box.append(line);
    }
    return box;
  };

  const read = (series) => (points) => {
    const n = points[0].dataIndex;
    const lines = series.map(({ name, colour, fan: [low, middle, high] }) => ({
      text: name,
      colour,
      value: `${middle[n].toFixed(2)} (${low[n].toFixed(2)}–${high[n].toFixed(2)})`,
    }));
    return tip([{ text: house.inWords(points[0].axisValue) }, ...lines]);
  };

  /* series: [{name, fan: [p10, p50, p90], colour, dashed}] */
  house.fans = ({ months, series, at, cutoff, title, most }) => {
    const option = frame(months, title);
    option.series = series.flatMap((one) => fan(one.name, one.fan, one.colour, one.dashed));
    if (series.length) option.series[option.series.length - 1].markLine = mark(months, at, cutoff);
    option.tooltip.formatter = read(series);
    if (most) option.yAxis.max = most;
    return option;
  };

  /* The account of a decision as a waterfall: own interest, shares of others, cost, noise, and their sum.
     Parts divide the step before them. */
  house.waterfall = ({ steps, colours, title }) => {
    let sum = 0;
    let within = 0; // where the next part of the step before begins
    const low = [];
    for (const step of steps) {
      const from = step.total ? 0 : step.part ? within : sum;
      const to = from + step.share;
      within = step.part ? to : from;
      if (!step.part) sum = to;
      low.push([Math.min(from, to), Math.max(from, to)]);
    }
    const option = frame([], title);
    const ends = low.flat();
    option.grid = { left: 20, right: 56, top: 6, bottom: 22, containLabel: true };
    option.tooltip = { show: false };
    option.yAxis = {
      type: "category",
      inverse: true,
      data: steps.map((s) => s.name),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: house.colour("text"), lineHeight: 12 },
    };
    option.xAxis = {
      type: "value",
      min: Math.min(0, ...ends),
      axisLabel: { color: house.colour("muted"), showMinLabel: false, formatter: (v) => house.short(v) },
      splitLine: { lineStyle: { color: house.colour("faint"), width: 0.6 } },
      splitNumber: 4,
    };
    const bar = (of) => steps.map((_, n) => of(low[n], n));
    const positive = ([a, b]) => [Math.max(0, a), Math.max(0, b)];
    const negative = ([a, b]) => [Math.min(0, a), Math.min(0, b)];
    const style = (n) => ({
      color: colours[n] || house.colour("series"),
      opacity: steps[n].total ? 1 : steps[n].part ? 0.4 : 0.85,
    });
    const side = (part, stack, near, far) => [
      {
        type: "bar",
        stack,
        silent: true,
        barWidth: 14,
        barGap: "-100%",
        itemStyle: { color: "transparent" },
        data: bar((pair) => near(part(pair))),
      },
      {
        type: "bar",
        stack,
        silent: true,
        barWidth: 14,
        barGap: "-100%",
        data: bar((pair, n) => ({ value: far(part(pair)), itemStyle: style(n) })),
      },
    ];
    option.series = [
      ...side(
        positive,
        "positive",
        ([a]) => a,
        ([a, b]) => b - a,
      ),
      ...side(
        negative,
        "negative",
        ([, b]) => b,
        ([a, b]) => a - b,
      ),
      {
        type: "scatter",
        silent: true,
        symbolSize: 0.1,
        data: steps.map((s, n) => [low[n][1], n]),
        label: {
          show: true,
          position: "right",
          color: house.colour("text"),
          formatter: ({ dataIndex: n }) => house.signed(steps[n].share, 3),
        },
      },
    ];
    return option;
  };

  /* points: [[x, y, row]] */
  house.scatter = ({ points, x, y, title }) => {
    const option = frame([], title);
    option.grid = { left: 52, right: 16, top: 14, bottom: 44 };
    const tooltip = ({ data }) =>
      tip([
        { text: x, value: house.short(data[0]) },
        { text: y, value: house.short(data[1]) },
        { text: `point ${data[2]}` },
      ]);
    option.tooltip = { ...option.tooltip, trigger: "item", formatter: tooltip };
    option.xAxis = {
      type: "value",
      scale: true,
      name: x,
      nameLocation: "middle",
      nameGap: 28,
      axisLabel: { color: house.colour("muted") },
      nameTextStyle: { color: house.colour("muted") },
      splitLine: { show: false },
    };
    option.yAxis = {
      type: "value",
      min: 0,
      max: 1,
      axisLabel: { color: house.colour("muted") },
      splitLine: { lineStyle: { color: house.colour("faint"), width: 0.6 } },
    };
    option.series = [
      {
        name: y,
        type: "scatter",
        symbolSize: 6,
        data: points,
        itemStyle: { color: house.colour("accent"), opacity: 0.6 },
      },
    ];
    return option;
  };

  /* rows: [{name, value, low, high}] */
  house.bars = ({ rows, title, unit }) => {
    const option = frame([], title);
    option.grid = { left: 24, right: 40, top: 6, bottom: 30, containLabel: true };
    option.tooltip = { show: false };
    option.yAxis = {
      type: "category",
      inverse: true,
      data: rows.map((r) => r.name),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: house.colour("text") },
    };
    option.xAxis = {
      type: "value",
      name: unit,
      nameLocation: "middle",
      nameGap: 22,
      nameTextStyle: { color: house.colour("muted") },
      axisLabel: { color: house.colour("muted") },
      splitLine: { lineStyle: { color: house.colour("faint"), width: 0.6 } },
    };
    option.series = [
      { type: "bar", barMaxWidth: 14, data: rows.map((r) => r.value), itemStyle: { color: house.colour("accent") } },
    ];
    return option;
  };
})();
