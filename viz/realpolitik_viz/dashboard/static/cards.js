/* Outcomes: the headline with its horizon, and cards. A share of worlds is never shown without its month. */
(function () {
  "use strict";
  const house = window.house;

  const indexOf = (months, month) => {
    const found = months.indexOf(month);
    return found >= 0 ? found : months.length - 1;
  };
  const shareBy = (row, months, month) => row.by[Math.min(indexOf(months, month), row.by.length - 1)];

  /* What a card shows in large: the share of worlds by a month, or the median of a measure, such as a price. */
  const figureOf = (row, months, by) => {
    if (!row.measure) {
      const share = shareBy(row, months, by);
      return { value: share, text: house.percent(share), unit: "%" };
    }
    const { median } = row.measure;
    return median === null || median === undefined
      ? { value: null, text: "–", unit: "" }
      : { value: median, text: house.fixed(median, 2), unit: "" };
  };

  /* The difference from the base: percentage points, or hundredths of a measure; null where there is none to show. */
  const deltaOf = (row, base, months, by) => {
    const [now, then] = [row, base].map((one) => one && figureOf(one, months, by).value);
    if (now === null || now === undefined || then === null || then === undefined) return null;
    return Math.round(100 * now) - Math.round(100 * then);
  };

  const historyOf = (row, months) => {
    if (!row.history) return null;
    const never = row.history === "never";
    const date = never ? row.until : row.history;
    const inside = months.includes(date);
    return { never, date, share: inside && !row.measure ? shareBy(row, months, date) : null };
  };

  /* Outcomes in the order of the cards: pinned ones, then those that changed most, then as in the file. */
  house.ordered = (names, pins, cards, base, by) => {
    const size = (name) =>
      Math.abs((base && deltaOf(cards.outcomes[name], base.outcomes[name], cards.months, by)) || 0);
    const others = names.filter((name) => !pins.includes(name));
    return [...pins, ...others.sort((a, b) => size(b) - size(a) || names.indexOf(a) - names.indexOf(b))];
  };
  Object.assign(house, { figureOf, deltaOf, historyOf, shareBy });

  Vue.component("rp-delta", {
    props: { delta: Number, base: Object, measure: Boolean },
    template: /* HTML */ `<span v-if="base" class="delta" :class="delta > 0 ? 'up' : delta < 0 ? 'down' : 'same'"
      ><template v-if="delta">{{ text }} <small>(base {{ base.text }}{{ base.unit }})</small></template
      ><template v-else>as in the base case</template></span
    >`,
    computed: {
      text() {
        return this.measure
          ? house.signed(this.delta / 100, 2)
          : `${house.signed(this.delta)} point${Math.abs(Math.round(this.delta)) === 1 ? "" : "s"}`;
      },
    },
  });

  const counted = {
    computed: {
      figure() {
        return figureOf(this.row, this.months, this.by);
      },
      before() {
        return this.base ? figureOf(this.base, this.months, this.by) : null;
      },
      delta() {
        return this.base ? deltaOf(this.row, this.base, this.months, this.by) : null;
      },
      history() {
        return historyOf(this.row, this.months);
      },
    },
    methods: {
      percent: house.percent,
      inWords: house.inWords,
    },
  };

  /* The headline stays in view while sliders move below it. */
  Vue.component("rp-strip", {
    mixins: [counted],
    props: { name: String, row: Object, base: Object, months: Array, by: String, horizons: Array, also: String },
    template: /* HTML */ `<section class="strip" :data-outcome="name" data-headline aria-label="Headline outcome">
      <h3>
        {{ row.label }}<span v-if="!row.measure"
          >, by
          <label class="inline-choice"
            ><span class="hidden">By when</span
            ><select name="by" :value="by" @change="$emit('by', $event.target.value)">
              <option v-for="month in horizons" :key="month" :value="month" :selected="month === by">
                {{ inWords(month) }}
              </option>
            </select></label
          ></span
        >
      </h3>
      <p class="figure" aria-live="polite">
        <span class="big" data-p>{{ figure.text }}<small>{{ figure.unit }}</small></span>
        <span v-if="row.measure" class="of">median of the <rp-term name="world">worlds</rp-term> where it happens</span>
        <span v-else class="of">of <rp-term name="world">worlds</rp-term></span>
        <rp-delta :delta="delta" :base="before" :measure="!!row.measure"></rp-delta>
        <span v-if="also" class="also" data-also>{{ also }}</span>
      </p>
    </section>`,
  });

  const KINDS = {
    none: ["With the numbers as given", "The numbers that the author of the case chose."],
    prior: ["If only the ranges are believed", "Ranges: every number is drawn from its plausible range."],
    posterior: ["If fitted to the history", "History: only draws that fit what happened are kept."],
  };

  /* The headline under each way to draw the numbers, as marks on one scale, and its curve. */
  Vue.component("rp-headline", {
    mixins: [counted],
    props: {
      name: String,
      row: Object,
      base: Object,
      months: Array,
      by: String,
      at: Number,
      beliefs: Object,
      waiting: Boolean,
      cutoff: String,
    },
    computed: {
      marks() {
        const mark = (key, label, why, curve) => {
          const value = curve[Math.min(indexOf(this.months, this.by), curve.length - 1)];
          return { key, label, why, curve, value };
        };
        const found = [mark("now", this.base ? "Now, as changed" : "Now", "", this.row.by)];
        if (this.base && this.delta) found.push(mark("base", "Base case", "", this.base.by));
        for (const [kind, curves] of Object.entries((this.beliefs && this.beliefs.marks) || {}))
          if (curves[this.name]) found.push(mark(kind, ...KINDS[kind], curves[this.name]));
        return found;
      },
      explained() {
        return this.marks.map((one) => one.why).join(" ");
      },
      worlds() {
        return this.beliefs
          ? `. Each of these shares is of ${this.beliefs.worlds.toLocaleString("en-GB")} worlds.`
          : "";
      },
      summary() {
        return this.marks.map((one) => `${one.label}: ${this.percent(one.value)}%`).join("; ");
      },
      /* The key of a saved chart; on the page it is the list of marks. */
      legend() {
        const by = house.inWords(this.by),
          of = (one) => `${one.label}: ${this.percent(one.value)}% by ${by}`;
        const lines = this.marks.map((one) => ({ text: of(one), line: sample(one.key) }));
        if (!this.history) return lines;
        const date = `${this.history.never ? "not by" : "in"} ${house.inWords(this.history.date)}`;
        const line = { stroke: "var(--text)", "stroke-width": 1.1, "stroke-dasharray": DASHES.dotted };
        return [...lines, { text: `In fact ${date}`, line }];
      },
      chart() {
        const { marks, months, by, row } = this,
          history = this.history;
        return () => house.curves({ marks, months, by, label: row.label, history });
      },
      rows() {
        const { marks, months } = this;
        return () => [
          ["month", ...marks.map((one) => one.label)],
          ...months.map((month, t) => [month, ...marks.map((one) => one.curve[Math.min(t, one.curve.length - 1)])]),
        ];
      },
    },
    methods: { sample: (key) => sample(key) },
    template: /* HTML */ `<section v-if="!row.measure" class="lead-outcome" aria-label="How sure is that?">
      <ul class="scale" data-scale>
        <li v-for="one in marks" :key="one.key" :class="one.key" :title="one.why">
          <span class="key"
            ><svg width="26" height="8" aria-hidden="true">
              <line x1="0" x2="26" y1="4" y2="4" v-bind="sample(one.key)" /></svg
            >{{ one.label }}</span
          ><span class="line"><i :style="{left: 100 * one.value + '%'}"></i></span><b>{{ percent(one.value) }}%</b>
        </li>
        <li v-if="waiting" class="pending">With numbers from the ranges: still computing …</li>
      </ul>
      <p v-if="history" class="history" data-history :title="row.source + worlds">
        <span class="diamond">◆</span>
        <template v-if="history.never">In fact not by {{ inWords(history.date) }}</template
        ><template v-else>In fact in {{ inWords(history.date) }}</template
        ><template v-if="history.share !== null">; here by then in {{ percent(history.share) }}% of worlds</template>.
        <span class="why-marks">{{ explained }}</span>
      </p>
      <rp-chart
        :option="chart"
        :title="row.label + ', share of worlds by month'"
        :name="name"
        :height="170"
        :rows="rows"
        :legend="legend"
        >Share of worlds in which it has happened by each month.</rp-chart
      >
    </section>`,
  });

  Vue.component("rp-card", {
    mixins: [counted],
    props: { name: String, row: Object, base: Object, months: Array, by: String, pinned: Boolean },
    computed: {
      lines() {
        const n = Math.max(1, this.months.length - 1);
        const line = (by) => by.map((p, t) => `${((100 * t) / n).toFixed(2)},${(30 - 28 * p).toFixed(2)}`).join(" L");
        const fits = this.base && this.delta && this.base.by.length === this.row.by.length;
        return { now: `M0,30 L${line(this.row.by)} L100,30 Z`, before: fits ? "M" + line(this.base.by) : "" };
      },
      /* What a measure is of. */
      measured() {
        const { measure, scale } = this.row;
        if (!measure || measure.median === null) return "It happens in no world.";
        return `${scale ? `${scale}; ` : ""}median of the worlds in which it happens.`;
      },
      spread() {
        const { measure, by } = this.row;
        if (!measure || measure.median === null) return "";
        const end = house.inWords(this.months[this.months.length - 1]);
        const worlds = `In ${house.percent(by[by.length - 1])}% of worlds by ${end}`;
        return `${worlds}; 8 of 10 of them: ${house.fixed(measure.p10, 2)} to ${house.fixed(measure.p90, 2)}`;
      },
      summary() {
        const figure = `${this.figure.text}${this.figure.unit || ""}`;
        const when = this.row.measure ? "median where it happens" : `by ${house.inWords(this.by)}`;
        return `${this.row.label}: ${figure} ${when}`;
      },
      marked() {
        return this.history && !this.history.never && this.months.includes(this.history.date)
          ? this.x(this.history.date)
          : null;
      },
    },
    template: /* HTML */ `<article class="card" :class="{pinned}" :data-outcome="name">
      <h3>{{ row.label }}</h3>
      <button
        type="button"
        class="icon pin"
        :aria-pressed="String(pinned)"
        :aria-label="(pinned ? 'Unpin: ' : 'Pin: ') + row.label"
        :title="pinned ? 'Unpin' : 'Pin: keep this card first'"
        @click="$emit('pin', name)"
      >
        {{ pinned ? "★" : "☆" }}
      </button>
      <p class="figure">
        <span class="big" data-p>{{ figure.text }}<small>{{ figure.unit }}</small></span>
        <rp-delta :delta="delta" :base="before" :measure="!!row.measure"></rp-delta>
      </p>
      <template v-if="row.measure"><p class="facts" data-measured :title="spread">{{ measured }}</p></template
      ><template v-else>
        <div class="curve-box">
          <svg viewBox="0 0 100 32" preserveAspectRatio="none" role="img" :aria-label="summary">
            <line x1="0" x2="100" y1="30" y2="30" class="axis" />
            <path :d="lines.now" class="curve" />
            <path v-if="lines.before" :d="lines.before" class="before" />
            <line :x1="x(by)" :x2="x(by)" y1="0" y2="32" class="cursor" />
          </svg>
          <i v-if="marked !== null" class="history" :style="{left: marked + '%'}"></i>
        </div>
        <p class="facts" :title="row.source">
          <template v-if="!history"></template
          ><template v-else-if="history.never"
            >◆ in fact not by {{ inWords(history.date) }}<template v-if="history.share !== null"
              >; here by then in {{ percent(history.share) }}%</template
            ></template
          ><template v-else>◆ in fact in {{ inWords(history.date) }}</template>
        </p></template
      >
    </article>`,
    methods: {
      x(month) {
        const n = this.months.length - 1;
        return n ? (100 * indexOf(this.months, month)) / n : 0;
      },
    },
  });

  Vue.component("rp-cards", {
    props: { cards: Object, base: Object, by: String, names: Array, pins: Array, headline: String },
    data: () => ({ all: false }),
    computed: {
      others() {
        return Object.keys(this.cards.outcomes).filter((name) => name !== this.headline && !this.names.includes(name));
      },
    },
    template: /* HTML */ `<section class="outcomes" aria-label="Outcomes">
      <h3 class="section">
        What else happens by {{ inWords(by) }}
        <small class="muted"
          >Share of worlds; the upright line is that month<template v-if="base">, dashed is the base case</template
          >.</small
        >
      </h3>
      <div class="cards">
        <rp-card
          v-for="name in names"
          :key="name"
          :name="name"
          :row="cards.outcomes[name]"
          :base="base && base.outcomes[name]"
          :months="cards.months"
          :by="by"
          :pinned="pins.includes(name)"
          @pin="$emit('pin', $event)"
        ></rp-card>
      </div>
      <details v-if="others.length" class="all" data-all @toggle="all = $event.target.open">
        <summary>All outcomes: {{ others.length }} more</summary>
        <div v-if="all" class="cards">
          <rp-card
            v-for="name in others"
            :key="name"
            :name="name"
            :row="cards.outcomes[name]"
            :base="base && base.outcomes[name]"
            :months="cards.months"
            :by="by"
            :pinned="pins.includes(name)"
            @pin="$emit('pin', $event)"
          ></rp-card>
        </div>
      </details>
      <p class="below"><rp-downloads what="outcomes" :kinds="['csv']" @save="save"></rp-downloads></p>
    </section>`,
    methods: {
      inWords: house.inWords,
      save() {
        const { months, outcomes } = this.cards,
          end = months[months.length - 1];
        const ends = (what) => ["p10", "median", "p90"].map((level) => `${what}_${level}`);
        const head = [
          ...["outcome", "label", "by", "share", "base_share", "end", "share_by_end", ...ends("month")],
          ...[...ends("measure"), "history"],
        ];
        const rows = Object.entries(outcomes).map(([name, row]) => {
          const base = this.base && this.base.outcomes[name];
          return [
            ...[name, row.label, this.by, shareBy(row, months, this.by), base && shareBy(base, months, this.by)],
            ...[end, shareBy(row, months, end), ...row.when],
            ...(row.measure ? [row.measure.p10, row.measure.median, row.measure.p90] : ["", "", ""]),
            row.history,
          ];
        });
        house.saving.csv([head, ...rows], "outcomes");
      },
    },
  });

  const LINES = { now: ["accent", "solid", 2.4], base: ["muted", "dashed", 1.6], prior: ["series", "dotted", 2] };
  const OTHER = ["series", [8, 3, 2, 3], 1.4];
  const DASHES = { solid: "none", dashed: "5 4", dotted: "2 3" };

  /* A piece of the line of a mark, for a legend: attributes of an SVG line. */
  const sample = (key) => {
    const [colour, type, width] = LINES[key] || OTHER;
    return { stroke: `var(--${colour})`, "stroke-width": width, "stroke-dasharray": DASHES[type] || type.join(" ") };
  };

  /* The words of the upright lines: the share by the horizon, and what happened in fact. */
  house.horizonOf = ({ curve }, months, by) =>
    `by ${house.inWords(by)}: ${house.percent(curve[Math.min(indexOf(months, by), curve.length - 1)])}%`;
  house.factOf = ({ never }) => (never ? "not in fact" : "in fact");

  /* The curves of the headline: options of ECharts, read at each call for light and dark. */
  house.curves = ({ marks, months, by, label, history }) => {
    const muted = house.colour("muted");
    /* An upright line with its words above the curves; the words of each further line are one line higher. */
    const upright = (month, text, type, n) => {
      const left = months.indexOf(month) > months.length / 2;
      return {
        xAxis: month,
        lineStyle: { color: house.colour("text"), type, width: 1.1 },
        label: {
          formatter: text,
          position: "end",
          rotate: 0,
          align: left ? "right" : "left",
          distance: 3,
          offset: [0, -14 * n],
          color: house.colour("text"),
          textBorderColor: house.colour("paper"),
          textBorderWidth: 3,
          fontSize: 11,
        },
      };
    };
    const lines = [upright(by, house.horizonOf(marks[0], months, by), "solid", 0)];
    if (history && months.includes(history.date)) lines.push(upright(history.date, house.factOf(history), "dotted", 1));
    /* The last year and two before it: the first view of a page has few numbers. */
    const years = months.filter((month) => month.endsWith("-01")).reverse();
    const labelled = new Set(years.filter((_, n) => n % Math.ceil(years.length / 3) === 0));
    return {
      animation: false,
      textStyle: { fontFamily: "system-ui, sans-serif", color: house.colour("text") },
      grid: { left: 40, right: 16, top: 6 + 14 * lines.length, bottom: 22 },
      aria: { enabled: true, label: { description: `${label}: share of worlds by month` } },
      tooltip: {
        trigger: "axis",
        confine: true,
        backgroundColor: house.colour("paper"),
        borderColor: house.colour("faint"),
        textStyle: { color: house.colour("text"), fontSize: 12 },
        formatter: (points) => {
          const box = document.createElement("div");
          box.style.whiteSpace = "pre-line";
          const lines = marks.map((one) => `${one.label}: ${house.percent(one.curve[points[0].dataIndex] || 0)}%`);
          box.textContent = [house.inWords(points[0].axisValue), ...lines].join("\n");
          return box;
        },
      },
      xAxis: {
        type: "category",
        data: months,
        boundaryGap: false,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: house.colour("faint") } },
        axisLabel: {
          color: muted,
          fontSize: 11,
          formatter: (month) => month.slice(0, 4),
          interval: (n, month) => labelled.has(month),
          hideOverlap: true,
        },
      },
      yAxis: {
        type: "value",
        min: 0,
        max: 1,
        interval: 0.5,
        splitLine: { lineStyle: { color: house.colour("faint"), width: 0.6 } },
        axisLabel: { color: muted, fontSize: 11, formatter: (share) => (share === 0.5 ? "" : `${100 * share}%`) },
      },
      series: [...marks].reverse().map((one) => {
        const [colour, type, width] = LINES[one.key] || OTHER;
        return {
          name: one.label,
          type: "line",
          symbol: "none",
          data: one.curve,
          lineStyle: { color: house.colour(colour), type, width },
          itemStyle: { color: house.colour(colour) },
          ...(one.key === "now"
            ? {
                areaStyle: { color: house.colour(colour), opacity: 0.14 },
                markLine: { silent: true, symbol: "none", data: lines },
              }
            : {}),
        };
      }),
    };
  };
})();
