/* Charts: functions that return the options of ECharts. Colours are read at each call, for light and dark. */
(function () {
  "use strict";
  const house = window.house;
  const ECHARTS = "/_solara/cdn/echarts@5.6.0/dist/echarts.common.min.js";
  house.echarts = () => new Promise((done) => window.requirejs([ECHARTS], done));

  /* The width of an element, kept when the page changes: texts in drawings stay readable at any width. */
  house.sized = {
    data: () => ({ across: 0 }),
    mounted() {
      const measure = () => {
        this.across = this.$el.clientWidth;
      };
      measure();
      this.measured = new ResizeObserver(measure);
      this.measured.observe(this.$el);
    },
    beforeDestroy() {
      this.measured.disconnect();
    },
  };

  /* Colours as three numbers; all colours of the style sheet are written #rrggbb. */
  const channels = (hex) => [1, 3, 5].map((n) => parseInt(hex.slice(n, n + 2), 16));
  const hex = (three) => `#${three.map((one) => Math.round(one).toString(16).padStart(2, "0")).join("")}`;
  /* The colour that a share of one colour over another gives. */
  house.mixed = (over, under, share) => {
    const below = channels(under);
    return hex(channels(over).map((one, n) => share * one + (1 - share) * below[n]));
  };
  /* Black or white, whichever has more contrast with a colour: at least 4.58 to 1 with any (WCAG 2.2 asks for 4.5). */
  house.inkOn = (colour) => {
    const linear = (one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = channels(colour).map((one) => linear(one / 255));
    const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    return (luminance + 0.05) ** 2 > 1.05 * 0.05 ? "#000000" : "#ffffff";
  };

  const SMALL = 12; // pixels of all texts in charts
  const muted = () => ({ color: house.colour("muted"), fontSize: SMALL });
  const halo = () => ({
    color: house.colour("text"),
    textBorderColor: house.colour("paper"),
    textBorderWidth: 3,
  });
  /* Labels along a horizontal axis: those that would come nearer to the one before than this are left out. */
  const NEAREST = 10; // pixels
  const along = () => ({ ...muted(), hideOverlap: true, minMargin: NEAREST });
  const grid = () => ({ lineStyle: { color: house.colour("faint"), width: 0.6 } });

  /* Hovering changes no colour in any chart: colours are names. */
  house.calm = (option) => ({
    ...option,
    series: option.series.map((one) => ({ ...one, emphasis: { disabled: true } })),
  });

  /* A chart without data; `title` says what it shows, to readers of the page and of saved files. */
  const frame = (title) => ({
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif", color: house.colour("text") },
    aria: { enabled: true, label: { description: title } },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: house.colour("paper"),
      borderColor: house.colour("faint"),
      textStyle: { color: house.colour("text"), fontSize: SMALL },
    },
  });

  const categories = (names, wide) => ({
    type: "category",
    inverse: true,
    data: names,
    axisTick: { show: false },
    axisLine: { show: false },
    axisLabel: { color: house.colour("text"), fontSize: SMALL, width: wide, overflow: "break", lineHeight: 14 },
  });

  /* A value axis with its title below it, written up to its right end. */
  const LEADING = 15; // pixels of a line of a title
  const below = (name, gap, more = {}) => ({
    type: "value",
    name,
    nameLocation: "end",
    nameGap: 0,
    nameTextStyle: {
      ...muted(),
      lineHeight: LEADING,
      align: "right",
      verticalAlign: "top",
      padding: [gap, 0, 0, 0],
    },
    axisLabel: along(),
    splitLine: grid(),
    ...more,
  });

  /* The same chart with the title of its horizontal axis in as many lines as its width takes. */
  house.fitted = (option, width) => {
    const { xAxis: axis, grid } = option;
    if (!width || !axis || axis.nameLocation !== "end") return option;
    const broken = (line) => house.saving.broken(line, width - grid.right - 8, `${SMALL}px system-ui, sans-serif`);
    const before = axis.name.split("\n");
    const lines = before.flatMap(broken);
    const bottom = grid.bottom + LEADING * (lines.length - before.length);
    return { ...option, grid: { ...grid, bottom }, xAxis: { ...axis, name: lines.join("\n") } };
  };

  /* A value axis with its title above it, written from the left edge. */
  const upright = (name, left, more = {}) => ({
    type: "value",
    name,
    nameTextStyle: { ...muted(), align: "left", padding: [0, 0, 2, 4 - left] },
    axisLabel: muted(),
    splitLine: grid(),
    ...more,
  });

  const byMonth = (months) => ({
    type: "category",
    data: months,
    boundaryGap: false,
    name: "year",
    nameLocation: "middle",
    nameGap: 24,
    nameTextStyle: muted(),
    axisTick: { show: false },
    axisLine: { lineStyle: { color: house.colour("faint") } },
    axisLabel: {
      ...along(),
      formatter: (month) => month.slice(0, 4),
      interval: (n, month) => month.endsWith("-01"),
    },
  });

  const LINES = { at: [1.2, "solid", "text"], history: [1.2, "dotted", "muted"], crossing: [1, "dashed", "text"] };

  /* Vertical lines with their words at the top: the month of the page, the end of history, a crossing. */
  const mark = (marks, months) => ({
    silent: true,
    symbol: "none",
    data: marks.map(({ at, kind, words }, n) => {
      const [width, type, colour] = LINES[kind];
      const left = at > months / 2;
      return {
        xAxis: at,
        lineStyle: { color: house.colour(colour), width, type },
        label: {
          show: true,
          formatter: words,
          position: "end",
          rotate: 0,
          align: left ? "right" : "left",
          offset: [left ? -4 : 4, 18 + 15 * n],
          fontSize: SMALL,
          ...halo(),
        },
      };
    }),
  });

  /* Lines of a fan chart with their words: one line per month, so that no words hide others. */
  house.marksOf = (months, { at, cutoff, crossing }) => {
    const found = new Map();
    const add = (n, kind, words) => {
      if (n === undefined || n < 0 || n >= months.length) return;
      const before = found.get(n);
      const all = [before && before.words, words].filter((one) => one).join(", ");
      found.set(n, { at: n, kind: before ? before.kind : kind, words: all });
    };
    add(months.indexOf(cutoff), "history", "history ends");
    if (crossing) add(crossing.at, "crossing", "the lines cross");
    add(at, "at", "");
    return [...found.values()].map((one) => ({
      ...one,
      words: house.inWords(months[one.at]) + (one.words && `: ${one.words}`),
    }));
  };

  /* Where the second of two paths passes the first for the last time, and stays above or below. */
  house.crossing = ([one, other]) => {
    const ahead = one.map((value, t) => Math.sign(value - other[t]));
    const last = ahead[ahead.length - 1];
    let at = ahead.length - 1;
    while (at > 0 && ahead[at - 1] === last) at -= 1;
    return last && at > 0 && ahead.slice(0, at).includes(-last) ? { at, winner: last > 0 ? 0 : 1 } : null;
  };

  /* Heights of labels: each near its own value, `gap` apart, from 0 to `most`. */
  house.spread = (values, gap, most) => {
    const order = values.map((_, n) => n).sort((a, b) => values[a] - values[b]);
    const placed = [];
    let low = gap / 2;
    for (const n of order) {
      placed[n] = Math.max(values[n], low);
      low = placed[n] + gap;
    }
    let high = most;
    for (const n of [...order].reverse()) {
      placed[n] = Math.min(placed[n], high);
      high = placed[n] - gap;
    }
    return placed;
  };

  /* The first round number that is not below a value. */
  const round = (value) => {
    const unit = 10 ** Math.floor(Math.log10(value || 1));
    return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((n) => n * unit).find((n) => n >= value * 0.999);
  };

  /* One fan: the median as a line, p10 to p90 as a band. */
  const DASHES = { false: "solid", true: "dashed" };
  const fan = ({ name, fan: [low, middle, high], colour, dashed = false }) => [
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
      lineStyle: { color: colour, width: 2, type: DASHES[dashed] || dashed },
      itemStyle: { color: colour },
    },
  ];

  /* The names of lines, written at their ends. */
  const MOST = 40; // letters of a name at the end of a line
  const shortened = (name) => {
    const plain = name.replace(/[{}|]/g, " ");
    return plain.length > MOST ? `${plain.slice(0, MOST - 1).trimEnd()}…` : plain;
  };
  const ROOM = 152; // pixels from the lowest to the highest value of a fan chart
  const names = (series, marks, last, top) => {
    const gap = (15 * top) / ROOM;
    /* Above the end of a line, or below it if the line comes down to its end and there is room. */
    const side = ({ fan: [, line] }) =>
      line[Math.round(0.6 * last)] > line[last] + 0.3 * gap && line[last] > 1.2 * gap ? -0.7 : 0.7;
    const heights = house.spread(
      series.map((one) => one.fan[1][last] + side(one) * gap),
      gap,
      top - gap * (marks.length + 0.5),
    );
    const ends = series.map(({ name, colour, dashed }, n) => ({
      value: [last, heights[n]],
      label: {
        show: true,
        position: "left",
        distance: 4,
        formatter: `{line|${dashed ? "╌╌" : "━━"}} {name|${shortened(name)}}`,
        rich: { line: { ...halo(), color: colour, fontWeight: "bold" }, name: { ...halo(), fontSize: SMALL } },
      },
    }));
    return { type: "scatter", silent: true, symbolSize: 0.1, tooltip: { show: false }, data: ends, z: 5 };
  };

  /* What a fan chart shows, as a sentence: who passes whom, or its title. */
  const finding = (own, months, crossing, title) => {
    if (!crossing) return title;
    const [winner, loser] = crossing.winner ? [own[1].name, own[0].name] : [own[0].name, own[1].name];
    return `"${winner}" passes "${loser}" in ${house.inWords(months[crossing.at])}`;
  };

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

  /* series: [{name, fan: [p10, p50, p90], colour, dashed}]; `most` is 1 for an issue; a given title is a finding.
     Two lines of the same case that cross are said to. The lines in `named` have their names at their ends. */
  house.fans = ({ months, series, at, cutoff, title, most, unit, given, named = series }) => {
    const own = series.filter((one) => one.dashed !== true);
    const crossing = !most && own.length === 2 ? house.crossing(own.map((one) => one.fan[1])) : null;
    const option = frame(given || finding(own, months, crossing, title));
    const top = most || round(Math.max(0.01, ...series.flatMap((one) => one.fan[2])) * 1.1);
    const marks = house.marksOf(months, { at, cutoff, crossing: given ? null : crossing });
    option.grid = { left: 38, right: 14, top: 26, bottom: 40 };
    option.xAxis = byMonth(months);
    option.yAxis = upright(unit || (most ? "level, 0 to 1" : "leverage: what would be lost"), 38, { min: 0, max: top });
    option.series = series.flatMap(fan);
    if (series.length) {
      const last = months.length - 1;
      option.series.push({ ...names(named, marks, last, top), markLine: mark(marks, last) });
    }
    option.tooltip.formatter = read(series);
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
    const option = frame(title);
    option.grid = { left: 20, right: 56, top: 6, bottom: 26, containLabel: true };
    option.tooltip = { show: false };
    option.yAxis = categories(
      steps.map((s) => s.name),
      170,
    );
    option.xAxis = below("utility of the actor who decides", 24, { splitNumber: 4 });
    Object.assign(option.xAxis.axisLabel, { formatter: (v) => house.short(v) });
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
        markLine: {
          silent: true,
          symbol: "none",
          animation: false,
          label: { show: false },
          lineStyle: { color: house.colour("text"), width: 1, type: "solid" },
          data: [{ xAxis: 0 }],
        },
        label: {
          show: true,
          position: "right",
          color: house.colour("text"),
          fontSize: SMALL,
          formatter: ({ dataIndex: n }) => house.signed(steps[n].share, 3),
        },
      },
    ];
    return option;
  };

  /* points: [[x, y, row]] */
  house.scatter = ({ points, x, y, title }) => {
    const option = frame(title);
    const named = points.some(([value]) => typeof value === "string");
    option.grid = { left: 44, right: 16, top: 26, bottom: 44 };
    const tooltip = ({ data }) =>
      tip([
        { text: x, value: named ? data[0] : house.short(data[0]) },
        { text: y, value: house.short(data[1]) },
        { text: `point ${data[2]}` },
      ]);
    option.tooltip = { ...option.tooltip, trigger: "item", formatter: tooltip };
    option.xAxis = below(x, 28, named ? { type: "category" } : { scale: true, splitLine: { show: false } });
    option.yAxis = upright("share of worlds, 0 to 1", 44, { min: 0, max: 1 });
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

  /* rows: [{name, path, value, low, high, words}]; the interval is a line over the bar, the words stand at its end. */
  house.bars = ({ rows, title, unit }) => {
    const option = frame(title);
    const worded = rows.some((row) => row.words);
    const low = unit.includes(": ") ? 48 : 30;
    option.grid = { left: 18, right: worded ? 50 : 24, top: 6, bottom: low, containLabel: true };
    const figure = (value) => value.toFixed(3);
    option.tooltip = {
      ...option.tooltip,
      trigger: "item",
      formatter: ({ dataIndex: n, seriesIndex }) => {
        const row = rows[seriesIndex ? (seriesIndex - 1) % rows.length : n];
        if (row.value === null) return tip([{ text: row.name, value: row.words }]);
        const interval =
          row.low === null || row.low === undefined ? "" : ` (${figure(row.low)} to ${figure(row.high)})`;
        return tip([
          { text: row.name, value: `${figure(row.value)}${interval}` },
          ...(row.path ? [{ text: row.path }] : []),
        ]);
      },
    };
    option.yAxis = categories(
      rows.map((r) => r.name),
      150,
    );
    option.xAxis = below(unit.replace(": ", ":\n"), unit.includes(": ") ? 30 : 26, { splitNumber: 4 });
    const ink = house.colour("text");
    const whisker = (row, n) => ({
      type: "line",
      symbol: "rect",
      symbolSize: [1.5, 9],
      data:
        row.low === null || row.low === undefined
          ? []
          : [
              [row.low, n],
              [row.high, n],
            ],
      lineStyle: { color: ink, width: 1.5 },
      itemStyle: { color: ink },
      z: 4,
    });
    const fill = (row) => ({
      value: row.value,
      itemStyle: { color: row.colour || house.colour("accent"), opacity: worded ? 0.9 : 0.6 },
    });
    const words = {
      type: "scatter",
      silent: true,
      symbolSize: 0.1,
      data: rows.map((row, n) => [Math.max(row.value || 0, row.high || 0), n]),
      label: {
        show: true,
        position: "right",
        color: house.colour("text"),
        fontSize: SMALL,
        formatter: ({ dataIndex: n }) => rows[n].words || "",
      },
    };
    option.series = [{ type: "bar", barMaxWidth: 14, data: rows.map(fill) }, ...rows.map(whisker)];
    if (worded) option.series.push(words);
    return option;
  };
})();
