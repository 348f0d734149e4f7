/* Outcome cards: probability, months, difference from the base case, and the date in history. */
(function () {
  "use strict";
  const house = window.house;

  Vue.component("rp-card", {
    props: { name: String, row: Object, base: Object, months: Array, at: Number, cutoff: String },
    computed: {
      delta() {
        return this.base ? Math.round(100 * this.row.p) - Math.round(100 * this.base.p) : null;
      },
      curve() {
        const n = this.months.length - 1;
        const points = this.row.by.map((p, t) => `${((100 * t) / n).toFixed(2)},${(30 - 28 * p).toFixed(2)}`);
        return `M0,30 L${points.join(" L")} L100,30 Z`;
      },
      before() {
        if (!this.base || this.base.by.length !== this.row.by.length) return "";
        const n = this.months.length - 1;
        return "M" + this.base.by.map((p, t) => `${((100 * t) / n).toFixed(2)},${(30 - 28 * p).toFixed(2)}`).join(" L");
      },
      span() {
        return (
          this.row.when[0] && {
            left: this.x(this.row.when[0]),
            width: Math.max(0.8, this.x(this.row.when[2]) - this.x(this.row.when[0])),
          }
        );
      },
      when() {
        const [low, middle, high] = this.row.when;
        if (this.row.measure) {
          const m = this.row.measure;
          return `median ${m.median.toFixed(2)}, 80% of worlds ${m.p10.toFixed(2)} to ${m.p90.toFixed(2)}`;
        }
        return middle
          ? `median ${house.inWords(middle)}, 80% ${house.inWords(low)} to ${house.inWords(high)}`
          : "in no world";
      },
      history() {
        return this.row.history === "never" ? "did not happen" : house.inWords(this.row.history);
      },
      summary() {
        return (
          `${this.row.label}: ${house.percent(this.row.p)} percent; ${this.when}` +
          (this.row.history ? `; history: ${this.history}` : "")
        );
      },
    },
    template: /* HTML */ `<article class="card" :data-outcome="name">
      <h3>{{ row.label }}</h3>
      <p class="figure">
        <span class="big" data-p>{{ percent(row.p) }}<small>%</small></span>
        <span v-if="delta" class="delta" :class="delta > 0 ? 'up' : 'down'"
          >{{ signed(delta) }} <small>vs base</small></span
        >
        <span v-else-if="base" class="delta same">same as base</span>
      </p>
      <svg viewBox="0 0 100 36" preserveAspectRatio="none" role="img" :aria-label="summary">
        <line x1="0" x2="100" y1="30" y2="30" class="axis" />
        <path :d="curve" class="curve" />
        <path v-if="before" :d="before" class="before" />
        <rect v-if="span" :x="span.left" :width="span.width" y="31.5" height="2" class="span" />
        <line :x1="100 * at / (months.length - 1)" :x2="100 * at / (months.length - 1)" y1="0" y2="36" class="cursor" />
      </svg>
      <div class="marks">
        <i v-if="row.when[1]" class="median" :style="{left: x(row.when[1]) + '%'}" title="median"></i>
        <i
          v-if="row.history && row.history !== 'never'"
          class="history"
          :style="{left: x(row.history) + '%'}"
          title="history"
        ></i>
      </div>
      <p class="when">{{ when }}</p>
      <p class="facts">
        <span v-if="row.history" :title="row.source">◆ history: {{ history }}</span>
        <span>by {{ inWords(months[at]) }}: <b>{{ percent(row.by[Math.min(at, row.by.length - 1)]) }}%</b></span>
      </p>
    </article>`,
    methods: {
      percent: house.percent,
      signed: house.signed,
      inWords: house.inWords,
      x(month) {
        const first = this.months[0],
          n = this.months.length - 1;
        const at = (+month.slice(0, 4) - +first.slice(0, 4)) * 12 + (+month.slice(5, 7) - +first.slice(5, 7));
        return Math.max(0, Math.min(100, (100 * at) / n));
      },
    },
  });

  Vue.component("rp-cards", {
    props: { cards: Object, base: Object, at: Number },
    data: () => ({ all: false }),
    computed: {
      names() {
        return this.all ? Object.keys(this.cards.outcomes) : this.steady;
      },
      steady() {
        const steady = (this.base || this.cards).main.filter((name) => name in this.cards.outcomes);
        return steady.length ? steady : this.cards.main;
      },
      total() {
        return Object.keys(this.cards.outcomes).length;
      },
    },
    template: /* HTML */ `<section aria-label="Outcomes">
      <div class="cards">
        <rp-card
          v-for="name in names"
          :key="name"
          :name="name"
          :row="cards.outcomes[name]"
          :base="base && base.outcomes[name]"
          :months="cards.months"
          :at="at"
          :cutoff="cards.cutoff"
        ></rp-card>
      </div>
      <p class="below">
        <button type="button" class="link" @click="all = !all" v-if="total > cards.main.length">
          {{ all ? "Fewer outcomes" : "All " + total + " outcomes" }}
        </button>
        <rp-downloads what="outcomes" :kinds="['csv']" @save="save"></rp-downloads>
      </p>
    </section>`,
    methods: {
      save() {
        const head = ["outcome", "label", "probability", "p10", "median", "p90", "history", "base_probability"];
        const rows = Object.entries(this.cards.outcomes).map(([name, row]) => [
          name,
          row.label,
          row.p,
          ...(row.measure ? [row.measure.p10, row.measure.median, row.measure.p90] : row.when),
          row.history,
          this.base && this.base.outcomes[name] && this.base.outcomes[name].p,
        ]);
        house.saving.csv([head, ...rows], "outcomes");
      },
    },
  });
})();
