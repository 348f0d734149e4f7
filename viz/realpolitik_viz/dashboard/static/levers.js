/* Sliders: the levers of a case in words, and all numbers of its scenario. */
(function () {
  "use strict";
  const house = window.house;
  const THUMB = 16; // pixels of the thumb of a slider, as Chromium and Firefox draw it
  const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
  const PREVIEW = 80;
  const ANSWER = 2500;
  const FIRST = 20;

  /* One slider. It shows where it was moved to, and no answer to an earlier move: an answer that comes late would
     move it back under the reader's hand. */
  Vue.component("rp-slider", {
    props: {
      id: String,
      value: Number,
      base: Number,
      low: Number,
      high: Number,
      step: Number,
      plausible: Array,
      text: String,
      marks: Object,
    },
    data() {
      return { here: this.value, due: 0, ahead: false, keyed: false, sent: null };
    },
    watch: {
      value(value) {
        if (this.ahead || (this.sent !== null && Math.abs(value - this.sent) > 1e-9)) return;
        this.sent = null;
        this.here = value;
      },
    },
    computed: {
      least() {
        return Math.min(this.low, this.here);
      },
      most() {
        return Math.max(this.high, this.here);
      },
      band() {
        if (!this.plausible) return null;
        const [low, high] = this.plausible.map(this.across);
        return { left: this.left(low), width: `calc(${high - low}% - ${((high - low) / 100) * THUMB}px)` };
      },
    },
    template: /* HTML */ `<span class="track">
      <i v-if="band" class="plausible" :style="band"></i><i class="base" :style="{left: left(across(base))}"></i>
      <input
        type="range"
        :id="id"
        v-bind="marks"
        :min="least"
        :max="most"
        :step="step"
        :value="here"
        :aria-valuetext="text"
        :aria-describedby="id + '-why'"
        @input="slide(+$event.target.value)"
        @change="change(+$event.target.value)"
        @pointerup="leave"
        @keydown="press"
        @keyup="release"
        @blur="release"
    /></span>`,
    beforeDestroy() {
      clearTimeout(this.due);
      clearTimeout(this.late);
    },
    methods: {
      across(value) {
        return Math.max(0, Math.min(100, (100 * (value - this.least)) / (this.most - this.least || 1)));
      },
      /* The middle of a thumb that stands so many percent along: at the ends it is half a thumb from the edge. */
      left: (percent) => `calc(${percent}% + ${(0.5 - percent / 100) * THUMB}px)`,
      /* Next to its base, a slider is at its base: that is no change. */
      snapped(value) {
        return Math.abs(value - this.base) < 0.6 * this.step ? this.base : value;
      },
      /* While the slider moves, a few worlds are run from time to time; its release cancels them. */
      slide(value) {
        this.here = this.snapped(value);
        this.ahead = true;
        this.$emit("here", this.here);
        this.due =
          this.due ||
          setTimeout(() => {
            this.due = 0;
            this.$emit("slide", this.here);
          }, PREVIEW);
      },
      change(value) {
        if (!this.keyed) this.settle(value);
      },
      settle(value) {
        this.due = clearTimeout(this.due);
        this.ahead = false;
        this.here = this.snapped(value);
        this.sent = this.here;
        this.$emit("here", this.here);
        this.$emit("settle", this.here);
        clearTimeout(this.late);
        this.late = setTimeout(() => {
          this.sent = null;
          if (!this.ahead) this.here = this.value;
        }, ANSWER);
      },
      /* A key that is held down moves the slider; the move ends when the key is released. */
      press(event) {
        if (KEYS.includes(event.key)) this.keyed = true;
      },
      release() {
        this.keyed = false;
        if (this.ahead) this.settle(this.here);
      },
      /* Browsers send no change event when a slider is released at its first value. */
      leave() {
        setTimeout(() => {
          if (this.ahead) this.settle(this.here);
        });
      },
    },
  });

  /* A hint is shown on hover and to the keyboard; its button opens it to stay, for touch, and to scroll within it. */
  const hinted = {
    data: () => ({ open: false }),
    methods: {
      place() {
        this.$nextTick(() => house.place(this.$refs.why, this.$el));
      },
      toggle() {
        this.open = !this.open;
        this.place();
      },
      /* An open hint stays next to its lever, and closes once that has left the screen. */
      scrolled(event) {
        if (!this.open || event.target === this.$refs.why) return;
        const { top, bottom } = this.$el.getBoundingClientRect();
        if (bottom < 0 || top > window.innerHeight) this.open = false;
        else this.place();
      },
    },
    mounted() {
      window.addEventListener("scroll", this.scrolled, true);
    },
    beforeDestroy() {
      window.removeEventListener("scroll", this.scrolled, true);
    },
  };

  /* What both lists of sliders do with the changes of the view. */
  const changing = {
    computed: {
      given() {
        return Object.fromEntries(
          this.set.filter((s) => !s.includes("@")).map((s) => [house.pathOf(s), +s.slice(s.indexOf("=") + 1)]),
        );
      },
      rows() {
        const found = {};
        for (const group of this.levers.groups)
          for (const row of group.rows)
            for (const number of row.numbers) found[number.path] = { number, row, group: group.name };
        return found;
      },
    },
    methods: {
      withValues(values) {
        const others = this.set.filter((s) => !(house.pathOf(s) in values));
        return [...others, ...Object.entries(values).flatMap(([p, v]) => (v === undefined ? [] : [`${p}=${v}`]))];
      },
    },
  };

  house.placeOf = (lever, given) => {
    const values = lever.numbers.map((n) => (n.path in given ? given[n.path] : n.value));
    if (lever.numbers.every((n, k) => Math.abs(values[k] - n.value) < 1e-9)) return lever.base;
    const places = lever.numbers.map((n, k) => (values[k] - n.ends[0]) / (n.ends[1] - n.ends[0] || 1));
    return Math.max(...places) - Math.min(...places) < 0.01
      ? places.reduce((sum, one) => sum + one, 0) / places.length
      : null;
  };

  Vue.component("rp-lever", {
    mixins: [hinted],
    props: { lever: Object, at: Number, rows: Array, claims: Object },
    data() {
      return { here: this.at === null ? this.lever.base : this.at };
    },
    watch: {
      at(value) {
        this.here = value === null ? this.lever.base : value;
      },
    },
    computed: {
      id() {
        return "lever-" + this.lever.name;
      },
      moved() {
        return this.at === null || Math.abs(this.here - this.lever.base) > 1e-9;
      },
      words() {
        if (this.at === null && Math.abs(this.here - this.lever.base) < 1e-9) return "its numbers are set one by one";
        return this.moved ? this.lever.words[Math.max(0, Math.min(100, Math.round(100 * this.here)))] : this.lever.own;
      },
      /* The longest of the words that it can have. */
      widest() {
        const all = [...this.lever.words, this.lever.own];
        return all.reduce((one, other) => (other.length > one.length ? other : one));
      },
      cited() {
        return [...new Set(this.rows.flatMap((one) => one.row.claims))];
      },
    },
    template: /* HTML */ `<div
      class="lever plain"
      :class="{moved, open}"
      @mouseenter="place"
      @focusin="place"
      @keydown.esc="open = false"
    >
      <label :for="id">{{ lever.label }}</label>
      <span class="widest" aria-hidden="true">{{ widest }}</span>
      <output>{{ words }}</output>
      <rp-why-button :open="open" :of="id + '-why'" :label="'Explain: ' + lever.label" @toggle="toggle"></rp-why-button>
      <rp-slider
        :id="id"
        :value="at === null ? lever.base : at"
        :base="lever.base"
        :low="0"
        :high="1"
        :step="0.01"
        :plausible="lever.plausible"
        :text="words"
        :marks="{'data-lever': lever.name}"
        @here="here = $event"
        @slide="$emit('slide', valuesAt($event))"
        @settle="$emit('settle', valuesAt($event))"
      ></rp-slider>
      <span class="ends"><span>{{ lever.low }}</span><span>{{ lever.high }}</span></span>
      <div ref="why" class="why" role="tooltip" :id="id + '-why'" :tabindex="open ? 0 : -1">
        <p v-for="one in rows" :key="one.number.path">
          {{ one.row.reason }}<br /><span class="path"
            >{{ one.number.path }}, here {{ show(one.number.value) }}; plausible: {{ show(one.number.low) }} to {{
            show(one.number.high) }}</span
          >
        </p>
        <p v-for="claim in cited" :key="claim"><b>{{ claim }}</b> {{ claims[claim] }}</p>
        <p class="path">Shaded: the plausible range. The line: {{ lever.own }}.</p>
      </div>
    </div>`,
    methods: {
      show: (value) => house.short(value),
      valuesAt(place) {
        const home = Math.abs(place - this.lever.base) < 1e-9;
        const step = Math.round(100 * place);
        return Object.fromEntries(this.lever.numbers.map((n) => [n.path, home ? undefined : n.at[step]]));
      },
    },
  });

  Vue.component("rp-levers", {
    mixins: [changing],
    props: { levers: Object, set: Array },
    template: /* HTML */ `<section v-if="levers.plain.length" class="levers" aria-label="Levers">
      <rp-lever
        v-for="lever in levers.plain"
        :key="lever.name"
        :lever="lever"
        :at="placeOf(lever)"
        :rows="lever.numbers.map((n) => rows[n.path]).filter(Boolean)"
        :claims="levers.claims"
        @slide="$emit('slide', withValues($event))"
        @settle="$emit('settle', withValues($event))"
      ></rp-lever>
    </section>`,
    methods: {
      placeOf(lever) {
        return house.placeOf(lever, this.given);
      },
    },
  });

  Vue.component("rp-number", {
    mixins: [hinted],
    props: { number: Object, row: Object, claims: Object, set: Number },
    data() {
      return { here: this.set === undefined ? this.number.value : this.set };
    },
    watch: {
      set(value) {
        this.here = value === undefined ? this.number.value : value;
      },
    },
    computed: {
      id() {
        return "number-" + this.number.path.replace(/[^\w]/g, "-");
      },
      moved() {
        return Math.abs(this.here - this.number.value) > 1e-9;
      },
    },
    template: /* HTML */ `<div
      class="lever"
      :class="{moved, open}"
      @mouseenter="place"
      @focusin="place"
      @keydown.esc="open = false"
    >
      <label :for="id">{{ number.name }}</label>
      <output>{{ show(here) }}</output>
      <button v-if="moved" type="button" class="link" @click="back" :aria-label="'Set ' + number.path + ' back'">
        ↺
      </button>
      <rp-why-button :open="open" :of="id + '-why'" :label="'Explain: ' + number.path" @toggle="toggle"></rp-why-button>
      <rp-slider
        :id="id"
        :value="set === undefined ? number.value : set"
        :base="number.value"
        :low="Math.min(number.ends[0], number.low)"
        :high="Math.max(number.ends[1], number.high)"
        :step="number.step"
        :plausible="[number.low, number.high]"
        :text="show(here)"
        :marks="{'data-path': number.path}"
        @here="here = $event"
        @slide="move('slide', $event)"
        @settle="move('settle', $event)"
      ></rp-slider>
      <div ref="why" class="why" role="tooltip" :id="id + '-why'" :tabindex="open ? 0 : -1">
        <b>{{ number.unit }}</b>
        <p>{{ row.reason }}</p>
        <p v-for="claim in row.claims" :key="claim"><b>{{ claim }}</b> {{ claims[claim] }}</p>
        <p v-if="row.assumption"><b>Assumption</b> No claim supports this row.</p>
        <p class="path">
          {{ number.path }}, here {{ show(number.value) }}; plausible: {{ show(number.low) }} to {{ show(number.high) }}
        </p>
      </div>
    </div>`,
    methods: {
      show: (value) => house.short(value),
      move(how, value) {
        const home = Math.abs(value - this.number.value) < 1e-9;
        this.$emit(how, { [this.number.path]: home ? undefined : value });
      },
      back() {
        this.here = this.number.value;
        this.move("settle", this.number.value);
      },
    },
  });

  /* All numbers that no lever moves, by what they move; the search finds those of levers too. */
  Vue.component("rp-numbers", {
    mixins: [changing],
    props: { levers: Object, set: Array, order: Array },
    data() {
      return { wanted: "", open: !this.levers.plain.length, all: false, fixed: this.order };
    },
    watch: {
      /* Sliders do not change places while the list is open. */
      order(order) {
        if (!this.open || !this.fixed.length) this.fixed = order;
      },
      open() {
        this.fixed = this.order;
      },
    },
    computed: {
      others() {
        const taken = new Set(this.levers.plain.flatMap((lever) => lever.numbers.map((n) => n.path)));
        const place = Object.fromEntries(this.fixed.map((path, n) => [path, n]));
        const rank = ({ number }) => (number.technical ? 1e6 : 0) + (number.path in place ? place[number.path] : 1e5);
        return Object.values(this.rows)
          .filter((one) => !taken.has(one.number.path))
          .sort((a, b) => rank(a) - rank(b));
      },
      shown() {
        const wanted = this.wanted.trim().toLowerCase();
        if (!wanted) return this.all ? this.others : this.others.slice(0, FIRST);
        const text = ({ number, row }) =>
          [row.title, row.reason, ...row.claims, number.name, number.path].join(" ").toLowerCase();
        return Object.values(this.rows).filter((one) => text(one).includes(wanted));
      },
    },
    template: /* HTML */ `<section class="levers numbers" aria-label="All numbers">
      <label class="search"
        ><span class="hidden">Find a number</span
        ><input type="search" v-model="wanted" placeholder="Find a number, reason or claim"
      /></label>
      <details :open="wanted || open" data-more @toggle="open = wanted ? open : $event.target.open">
        <summary>{{ wanted ? "Found" : "More" }} ({{ wanted ? shown.length : others.length }})</summary>
        <template v-if="wanted || open">
          <p v-if="!wanted && fixed.length" class="muted">Those that move the outcome most come first.</p>
          <div v-for="one in shown" :key="one.number.path" class="entry">
            <h4>
              <i class="dot" :style="{background: colour(one.group)}"></i>{{ label(one.group) }}: {{ one.row.title }}
            </h4>
            <rp-number
              :number="one.number"
              :row="one.row"
              :claims="levers.claims"
              :set="given[one.number.path]"
              @slide="$emit('slide', withValues($event))"
              @settle="$emit('settle', withValues($event))"
            ></rp-number>
          </div>
          <button v-if="!wanted && !all && others.length > shown.length" type="button" class="link" @click="all = true">
            Show all {{ others.length }}
          </button>
          <p v-if="!shown.length" class="muted">No number matches.</p>
        </template>
      </details>
    </section>`,
    methods: {
      colour(name) {
        return (this.levers.actors[name] || {}).colour || house.colour("series");
      },
      label(name) {
        return (this.levers.actors[name] || { label: name }).label;
      },
    },
  });
})();
