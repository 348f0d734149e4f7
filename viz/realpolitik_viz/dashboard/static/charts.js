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
  const FONT = `${SMALL}px system-ui, sans-serif`;
  const muted = () => ({ color: house.colour("muted"), fontSize: SMALL });
  const halo = () => ({
    color: house.colour("text"),
    textBorderColor: house.colour("paper"),
    textBorderWidth: 3,
  });
  /* Labels along a horizontal axis: those that would come nearer to the one before than this are left out. */
  const NEAREST = 10; // pixels
  const along = () => ({ ...muted(), hideOverlap: true, minMargin: NEAREST });
  const figures = { formatter: (value) => house.figure(value) };
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
    axisLabel: { ...along(), ...(more.type === "category" ? {} : figures) },
    splitLine: grid(),
    ...more,
  });

  /* The same chart for its size in pixels: titles are broken into lines, and names keep clear of lines. */
  house.fitted = (option, width, height = 230) => (width ? cleared(titled(option, width), width, height) : option);

  /* The same chart with the title of its horizontal axis in as many lines as its width takes. */
  const titled = (option, width) => {
    const { xAxis: axis, grid } = option;
    if (!axis || axis.nameLocation !== "end") return option;
    const broken = (line) => house.saving.broken(line, width - grid.right - 8, FONT);
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
    axisLabel: { ...muted(), ...figures },
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

  /* Heights of labels: each near its own value, in the order of these, `gap` apart, from half a gap to `most`.
     `hidden` is the share of the nth label that lines run through at a height: there it stands only if it would
     have to move far. */
  const FINE = 15; // heights that are tried per gap
  const FAR = 8; // gaps
  house.spread = (values, gap, most, hidden = () => 0) => {
    const order = values.map((_, n) => n).sort((a, b) => values[a] - values[b]);
    const low = Math.min(gap / 2, most);
    const steps = Math.max(Math.floor((FINE * (most - low)) / gap + 1e-9), values.length - 1);
    const apart = Math.min(FINE, Math.floor(steps / Math.max(1, values.length - 1)));
    const heights = Array.from({ length: steps + 1 }, (_, k) => low + (k * gap) / FINE);
    const cost = (n, height) => Math.abs(height - values[n]) / gap + FAR * hidden(n, height);
    /* The least cost of the first labels if the last of them is at a height or below, and that height. */
    const best = [];
    order.forEach((n, rank) => {
      let least = { cost: Infinity, k: -1 };
      best.push(
        heights.map((height, k) => {
          const before = rank ? (best[rank - 1][k - apart] || { cost: Infinity }).cost : 0;
          const sum = before + cost(n, height);
          if (sum < least.cost) least = { cost: sum, k };
          return least;
        }),
      );
    });
    const placed = [];
    let top = steps;
    for (let rank = order.length - 1; rank >= 0; rank -= 1) {
      const { k } = best[rank][top];
      placed[order[rank]] = heights[k];
      top = k - apart;
    }
    return placed;
  };

  /* The first round number that is not below a value. */
  const PARTS = { 1: 4, 1.5: 3, 2: 4, 2.5: 5, 3: 3, 4: 4, 5: 5, 6: 3, 8: 4, 10: 4 };
  const ROUND = Object.keys(PARTS)
    .map(Number)
    .sort((a, b) => a - b);
  const rounded = (value) => {
    const unit = 10 ** Math.floor(Math.log10(value || 1));
    const first = ROUND.find((n) => n * unit >= value * 0.999);
    return { top: first * unit, step: (first * unit) / PARTS[first] };
  };
  const round = (value) => rounded(value).top;

  /* An axis of values from 0 up: it ends at a round number, that of shares at 1 or before. With negative values it is
     left to the chart. */
  const fromZero = (values) => {
    const { top, step } = rounded(Math.max(0, ...values));
    return Math.min(...values) < 0 ? { splitNumber: 4 } : { min: 0, max: top, interval: step };
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
  const ROOM = 152; // pixels from the lowest to the highest value of a chart of unknown size
  const ROW = 15; // pixels of a row of names
  const NAMES = "names"; // the series of names
  const names = (series, last, top) => {
    const gap = (ROW * top) / ROOM;
    /* Above the end of a line, or below it if the line comes down to its end and there is room. */
    const side = ({ fan: [, line] }) =>
      line[Math.round(0.6 * last)] > line[last] + 0.3 * gap && line[last] > 1.2 * gap ? -0.7 : 0.7;
    const ends = series.map(({ name, colour, dashed, fan }, n) => ({
      value: [last, fan[1][last] + side(series[n]) * gap],
      label: {
        show: true,
        position: "left",
        distance: 4,
        formatter: `{line|${dashed ? "╌╌" : "━━"}} {name|${shortened(name)}}`,
        rich: { line: { ...halo(), color: colour, fontWeight: "bold" }, name: { ...halo(), fontSize: SMALL } },
      },
    }));
    return { id: NAMES, type: "scatter", silent: true, symbolSize: 0.1, tooltip: { show: false }, data: ends, z: 5 };
  };

  /* The same chart with each name where no other name and no words of a mark are, and if there is such a place near
     the end of its line, where no line runs through it. */
  const HALF = 9; // pixels from the middle of a name to a line
  const cleared = (option, width, height) => {
    const named = option.series.find((one) => one.id === NAMES);
    if (!named) return option;
    const { grid, yAxis } = option;
    const pixel = yAxis.max / (height - grid.top - grid.bottom);
    const lines = option.series.filter((one) => one.type === "line" && !one.silent).map((one) => one.data);
    const last = option.xAxis.data.length - 1;
    const under = named.data.map(({ label }) => {
      const words = label.formatter.replace(/\{(?:line|name)\|(.*?)\}/g, "$1");
      const across = house.saving.wide(words, FONT) + 8;
      const first = Math.max(0, Math.floor(last * (1 - across / (width - grid.left - grid.right))));
      return lines.map((line) => line.slice(first));
    });
    const within = (line, height) =>
      line.filter((value, t) => {
        const before = t ? line[t - 1] : value;
        return Math.min(before, value) - HALF * pixel < height && height < Math.max(before, value) + HALF * pixel;
      }).length / line.length;
    const hidden = (n, height) => under[n].reduce((sum, line) => sum + within(line, height), 0);
    const marks = named.markLine ? named.markLine.data.length : 0;
    const heights = house.spread(
      named.data.map((one) => one.value[1]),
      ROW * pixel,
      yAxis.max - ROW * pixel * (marks + 0.5),
      hidden,
    );
    const data = named.data.map((one, n) => ({ ...one, value: [last, heights[n]] }));
    return { ...option, series: option.series.map((one) => (one === named ? { ...named, data } : one)) };
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
      value: `${middle[n].toFixed(2)} (${low[n].toFixed(2)} to ${high[n].toFixed(2)})`,
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
      option.series.push({ ...names(named, last, top), markLine: mark(marks, last) });
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
    const small = Math.max(...low.flat().map(Math.abs)) < 0.01; // labels of small numbers are long
    option.xAxis = below("utility of the actor who decides", 24, { splitNumber: small ? 2 : 4 });
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

  /* rows: [{name, path, value, low, high, words}]; the interval is a line over the bar, the words stand at its end.
     The intervals of shares are drawn from 0 to 1, whatever their estimates are. */
  house.bars = ({ rows, title, unit, shares = false }) => {
    const option = frame(title);
    const whiskers = rows.map(({ low, high }) =>
      low === null || low === undefined ? [] : [low, high].map((end) => (shares ? Math.min(1, Math.max(0, end)) : end)),
    );
    const drawn = [...rows.map((row) => row.value || 0), ...whiskers.flat()];
    const worded = rows.some((row) => row.words);
    const low = unit.includes(": ") ? 48 : 30;
    option.grid = { left: 18, right: worded ? 50 : 24, top: 6, bottom: low, containLabel: true };
    const figure = (value) => house.fixed(value, 3);
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
    option.xAxis = below(unit.replace(": ", ":\n"), unit.includes(": ") ? 30 : 26, fromZero(drawn));
    const ink = house.colour("text");
    const whisker = (ends, n) => ({
      type: "line",
      symbol: "rect",
      symbolSize: [1.5, 9],
      data: ends.map((end) => [end, n]),
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
      data: rows.map((row, n) => [Math.max(row.value || 0, ...whiskers[n]), n]),
      label: {
        show: true,
        position: "right",
        color: house.colour("text"),
        fontSize: SMALL,
        formatter: ({ dataIndex: n }) => rows[n].words || "",
      },
    };
    option.series = [{ type: "bar", barMaxWidth: 14, data: rows.map(fill) }, ...whiskers.map(whisker)];
    if (worded) option.series.push(words);
    return option;
  };
})();
