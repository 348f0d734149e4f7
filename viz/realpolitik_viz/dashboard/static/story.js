/* The parts of a story: its lines, its decision and its lever. */
(function () {
  "use strict";
  const house = window.house;

  /* Terms that a step uses besides those in its text. */
  const USED = {
    outcome: ["world", "outcome"],
    issue: ["world", "issue"],
    leverage: ["world", "actor", "leverage", "dependence"],
    decision: ["world", "actor", "leverage", "salience", "seed"],
    lever: ["world", "lever", "outcome"],
  };
  /* The terms that each step is the first to use: a list of names per step. */
  const firstTerms = ({ steps, levers }) => {
    const seen = new Set();
    const moved = (step) => step.of.flatMap((name) => Object.keys(levers[name].numbers));
    return steps.map((step) => {
      const driven = step.show === "lever" && moved(step).some((path) => path.startsWith("drivers."));
      const inText = house.terms.marked(step.text).map((piece) => piece.term);
      const used = [
        ...inText,
        ...(USED[step.show] || []),
        ...(driven ? ["driver"] : []),
        ...(Object.keys(step.claims).length ? ["claim"] : []),
      ];
      return [...new Set(used)].filter((term) => term && !seen.has(term) && seen.add(term));
    });
  };

  /* Where two lines cross for the last time: the first month after it, or -1. */
  const crossing = (one, other) => {
    let at = -1;
    for (let n = 1; n < one.length; n += 1) if (one[n] > other[n] !== one[n - 1] > other[n - 1]) at = n;
    return at;
  };

  const worldsOf = (share) => {
    if (share > 0 && share < 0.005) return "fewer than 1 of 100 worlds";
    if (share < 1 && share >= 0.995) return "more than 99 of 100 worlds";
    return share === 0 ? "no world" : `${Math.round(100 * share)} of 100 worlds`;
  };

  /* A lever moves all of its numbers together; 0 is its low end, 1 its high end. `base` has those of the case that
     the story is about, and `own` those of the scenario of the page, which are changed by settings. */
  const place = ({ numbers }, values) => {
    const [path, [low, high]] = Object.entries(numbers)[0];
    return Math.min(1, Math.max(0, (values[path] - low) / (high - low)));
  };
  const levers = {
    same: (one, other) => Math.abs(one - other) < 0.006,
    base: (lever) => place(lever, lever.base),
    at(lever, set) {
      const plain = set.filter((setting) => !setting.includes("@"));
      const given = plain.map((setting) => [house.pathOf(setting), +setting.slice(setting.indexOf("=") + 1)]);
      return place(lever, { ...lever.base, ...lever.own, ...Object.fromEntries(given) });
    },
    with(lever, set, at) {
      const others = set.filter((setting) => !(house.pathOf(setting) in lever.numbers));
      if (levers.same(at, levers.at(lever, []))) return others;
      const exact = levers.same(at, levers.base(lever));
      const value = ([path, [low, high]]) => (exact ? lever.base[path] : +(low + at * (high - low)).toFixed(4));
      return [...others, ...Object.entries(lever.numbers).map((one) => `${one[0]}=${value(one)}`)];
    },
  };
  /* The lines that have their names at their ends. Three names or more would lie on lines and bands: then none has, and
     all are in the key. */
  const MOST_NAMED = 2;
  const named = (series) => {
    const solid = series.filter((one) => !one.dashed);
    return solid.length > MOST_NAMED ? [] : solid;
  };
  house.story = { firstTerms, crossing, worldsOf, levers, named };

  /* What the lines say of one month, as text nodes: labels can come from anybody's scenario. */
  const readShares = (series) => (points) => {
    const box = document.createElement("div");
    const { axisValue, dataIndex } = points[0];
    const lines = series.map((one) => `${one.name}: ${one.fan[1][dataIndex].toFixed(0)}%`);
    for (const line of [house.inWords(axisValue), ...lines]) {
      const row = document.createElement("div");
      row.textContent = line;
      box.append(row);
    }
    return box;
  };

  /* How far above a chart each label stands, in pixels: labels of lines less than 0.6 of the width apart would
     overlap in one row. */
  const ROW = 15;
  const liftsOf = (marks, months) => {
    const lifts = [];
    for (const { at, label } of marks) {
      const near = lifts.filter((_, other) => Math.abs(marks[other].at - at) < 0.6 * months);
      const from = Math.max(0, ...near.map((lift) => lift.top));
      lifts.push({ from, top: from + ROW * label.split("\n").length });
    }
    return lifts;
  };

  /* Lines over months: {name, colour, fan: [p10, p50, p90], dashed}; marks: [{at, label}], drawn as vertical lines. */
  house.storyLines = ({ months, series, marks, title, most, unit, shares }) => {
    const option = house.fans({ months, series, at: -1, cutoff: "", title, most, named: named(series) });
    /* The marks here are those of the step, above the chart: they take no room from the names of lines. */
    for (const one of option.series) delete one.markLine;
    option.xAxis.name = "";
    if (shares) option.tooltip.formatter = readShares(series);
    const lifts = liftsOf(marks, months.length);
    option.grid = { left: 60, right: 18, top: 14 + Math.max(0, ...lifts.map((lift) => lift.top)), bottom: 28 };
    option.xAxis.axisLabel.interval = (n, month) => n === 0 || month.endsWith("-01");
    option.xAxis.axisLabel.formatter = (month, n) => (n ? month.slice(0, 4) : house.inWords(month));
    option.yAxis.name = unit;
    option.yAxis.nameLocation = "middle";
    option.yAxis.nameGap = 40;
    option.yAxis.nameTextStyle = { color: house.colour("muted"), fontSize: 12 };
    option.yAxis.axisLabel.fontSize = 12;
    option.xAxis.axisLabel.fontSize = 12;
    option.series.push({
      type: "line",
      data: [],
      silent: true,
      markLine: {
        silent: true,
        symbol: "none",
        data: marks.map((mark, n) => ({
          xAxis: mark.at,
          lineStyle: {
            color: house.colour(mark.crossing ? "text" : "muted"),
            type: mark.crossing ? "solid" : "dotted",
          },
          label: {
            show: true,
            formatter: mark.label,
            color: house.colour("text"),
            position: "end",
            rotate: 0,
            align: mark.at > months.length / 2 ? "right" : "left",
            distance: 4,
            offset: [0, -lifts[n].from],
            fontSize: 12,
            lineHeight: 14,
            backgroundColor: house.colour("paper"),
            padding: [1, 3],
          },
        })),
      },
    });
    return option;
  };

  /* The key of a chart: a piece of each line with its name. */
  Vue.component("rp-key", {
    props: { series: Array },
    template: /* HTML */ `<dl class="legend key">
      <div v-for="one in series" :key="one.name">
        <dt><i :class="{dashed: one.dashed}" :style="{'--of': one.colour}"></i>{{ one.name }}</dt>
      </div>
    </dl>`,
  });

  /* One lever in plain words. */
  Vue.component("rp-story-lever", {
    props: { lever: Object, name: String, set: Array },
    data() {
      return { here: house.story.levers.at(this.lever, this.set), due: 0 };
    },
    watch: {
      set() {
        if (!this.due) this.here = house.story.levers.at(this.lever, this.set);
      },
    },
    computed: {
      base() {
        return house.story.levers.base(this.lever);
      },
      inWords() {
        if (house.story.levers.same(this.here, this.base)) return "as it was";
        if (this.here <= 0) return this.lever.low;
        return this.here >= 1 ? this.lever.high : this.lever.words[Math.round(100 * this.here)];
      },
    },
    template: /* HTML */ `<div class="story-lever">
      <label :for="'story-lever-' + name">{{ lever.label }} <output>{{ inWords }}</output></label>
      <span class="track"
        ><i class="base" :style="{left: 100 * base + '%'}"></i>
        <input
          type="range"
          min="0"
          max="1"
          step="0.01"
          :id="'story-lever-' + name"
          :data-lever="name"
          :value="here"
          :aria-valuetext="inWords"
          @input="slide(+$event.target.value)"
          @change="settle(+$event.target.value)"
      /></span>
      <span class="ends"
        ><button type="button" class="link" @click="settle(0)">{{ lever.low }}</button
        ><button type="button" class="link" @click="settle(base)">as it was</button
        ><button type="button" class="link" @click="settle(1)">{{ lever.high }}</button></span
      >
    </div>`,
    methods: {
      with(at) {
        return house.story.levers.with(this.lever, this.set, at);
      },
      slide(at) {
        this.here = at;
        this.due =
          this.due ||
          setTimeout(() => {
            this.due = 0;
            this.$emit("slide", this.with(this.here));
          }, 80);
      },
      settle(at) {
        this.due = clearTimeout(this.due) || 0;
        this.here = at;
        this.$emit("settle", this.with(at));
      },
    },
  });
})();
