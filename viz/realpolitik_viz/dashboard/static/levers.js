/* The sliders: all numbers of a scenario, by actor. */
(function () {
  "use strict";
  const house = window.house;

  Vue.component("rp-lever", {
    props: { number: Object, row: Object, claims: Object, set: Number },
    data() {
      return { here: this.set === undefined ? this.number.value : this.set, due: 0, ahead: false };
    },
    watch: {
      set(value) {
        this.here = value === undefined ? this.number.value : value;
      },
    },
    computed: {
      low() {
        return Math.min(this.number.low, this.here);
      },
      high() {
        return Math.max(this.number.high, this.here);
      },
      base() {
        return (100 * (this.number.value - this.low)) / (this.high - this.low || 1);
      },
      id() {
        return "lever-" + this.number.path.replace(/[^\w]/g, "-");
      },
      moved() {
        return Math.abs(this.here - this.number.value) > 1e-9;
      },
    },
    template: /* HTML */ `<div class="lever" :class="{moved}">
      <label :for="id">{{ number.name }}</label>
      <output>{{ show(here) }}</output>
      <button v-if="moved" type="button" class="link" @click="back" :aria-label="'Set ' + number.path + ' back'">
        ↺
      </button>
      <span class="track"
        ><i class="base" :style="{left: base + '%'}"></i>
        <input
          type="range"
          :id="id"
          :data-path="number.path"
          :min="low"
          :max="high"
          :step="number.step"
          :value="here"
          :aria-describedby="id + '-why'"
          @input="slide(+$event.target.value)"
          @change="settle(+$event.target.value)"
          @pointerup="leave"
      /></span>
      <div class="why" role="tooltip" :id="id + '-why'">
        <b>{{ number.unit }}</b>
        <p>{{ row.reason }}</p>
        <p v-for="claim in row.claims" :key="claim"><b>{{ claim }}</b> {{ claims[claim] }}</p>
        <p v-if="row.assumption"><b>Assumption</b> No claim supports this row.</p>
        <p class="path">
          {{ number.path }}, {{ show(number.low) }} to {{ show(number.high) }}, here {{ show(number.value) }}
        </p>
      </div>
    </div>`,
    methods: {
      show: (value) => house.short(value),
      /* While the slider moves, a few worlds are run from time to time; its release cancels them. */
      slide(value) {
        this.here = value;
        this.ahead = true;
        this.due =
          this.due ||
          setTimeout(() => {
            this.due = 0;
            this.$emit("slide", this.number.path, this.here);
          }, 80);
      },
      settle(value) {
        this.due = clearTimeout(this.due);
        this.ahead = false;
        this.here = value;
        this.$emit("settle", this.number.path, value);
      },
      /* Browsers send no change event when a slider is released at its first value. */
      leave() {
        setTimeout(() => {
          if (this.ahead) this.settle(this.here);
        });
      },
      back() {
        this.here = this.number.value;
        this.$emit("settle", this.number.path, undefined);
      },
    },
  });

  Vue.component("rp-levers", {
    props: { levers: Object, set: Array },
    data: () => ({ wanted: "", open: { "The world": window.innerWidth > 900 } }),
    computed: {
      given() {
        return Object.fromEntries(
          this.set.filter((s) => !s.includes("@")).map((s) => [house.pathOf(s), +s.slice(s.indexOf("=") + 1)]),
        );
      },
      groups() {
        const wanted = this.wanted.trim().toLowerCase();
        const fits = (row) =>
          !wanted ||
          [row.title, row.reason, ...row.claims, ...row.numbers.map((n) => n.path)]
            .join(" ")
            .toLowerCase()
            .includes(wanted);
        return this.levers.groups.map((g) => ({ ...g, rows: g.rows.filter(fits) })).filter((g) => g.rows.length);
      },
    },
    template: /* HTML */ `<section class="levers" aria-label="Sliders">
      <label class="search"
        ><span class="hidden">Find a number</span
        ><input type="search" v-model="wanted" placeholder="Find a number, reason or claim"
      /></label>
      <details
        v-for="group in groups"
        :key="group.name"
        :open="wanted || open[group.name]"
        @toggle="$set(open, group.name, $event.target.open)"
      >
        <summary>
          <i class="dot" :style="{background: colour(group.name)}"></i>{{ label(group.name) }}
          <span class="count">{{ movedIn(group) ? movedIn(group) + ' changed' : count(group) }}</span>
        </summary>
        <template v-if="wanted || open[group.name]">
          <div v-for="row in group.rows" :key="row.title" class="numbers">
            <h4>{{ row.title }}</h4>
            <rp-lever
              v-for="number in row.numbers"
              :key="number.path"
              :number="number"
              :row="row"
              :claims="levers.claims"
              :set="given[number.path]"
              @slide="slide"
              @settle="settle"
            ></rp-lever></div
        ></template>
      </details>
      <p v-if="!groups.length" class="muted">No number matches.</p>
    </section>`,
    methods: {
      colour(name) {
        return (this.levers.actors[name] || {}).colour || house.colour("series");
      },
      label(name) {
        return (this.levers.actors[name] || { label: name }).label;
      },
      count: (group) => group.rows.reduce((n, row) => n + row.numbers.length, 0),
      movedIn(group) {
        return group.rows.reduce((n, row) => n + row.numbers.filter((x) => x.path in this.given).length, 0);
      },
      with(path, value) {
        const others = this.set.filter((s) => house.pathOf(s) !== path);
        return value === undefined ? others : [...others, `${path}=${value}`];
      },
      slide(path, value) {
        this.$emit("slide", this.with(path, value));
      },
      settle(path, value) {
        this.$emit("settle", this.with(path, value));
      },
    },
  });
})();
