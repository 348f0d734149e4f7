/* The change bar: what differs from the case as it is, each change in words; and hints that do not move the page. */
(function () {
  "use strict";
  const house = window.house;
  const GAP = 8;
  const DOCK = 64;

  /* A hint is shown by the style sheet, in a fixed place next to what it explains, or below or above it: wherever there
     is more room, and never over it. */
  house.place = (hint, anchor, below) => {
    if (!hint || !anchor) return;
    const at = anchor.getBoundingClientRect(),
      own = hint.getBoundingClientRect();
    hint.style.maxHeight = "";
    const width = own.width || 320,
      height = hint.scrollHeight || own.height || 200;
    const right = at.right + GAP + width < window.innerWidth && !below;
    const left = right ? at.right + GAP / 2 : Math.max(GAP, Math.min(at.left, window.innerWidth - width - GAP));
    hint.style.left = `${left}px`;
    const end = window.innerHeight - DOCK,
      tallest = 0.6 * window.innerHeight;
    if (right) {
      hint.style.top = `${Math.max(GAP, Math.min(at.top - GAP, end - Math.min(height, tallest)))}px`;
      return;
    }
    const [over, under] = [at.top - 2 * GAP, end - at.bottom - GAP];
    const room = Math.max(80, height <= under ? under : Math.max(over, under)),
      tall = Math.min(height + 4, room, tallest);
    hint.style.maxHeight = `${tall}px`;
    hint.style.top = `${height <= under || under >= over ? at.bottom : Math.max(GAP, at.top - GAP - tall)}px`;
  };

  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  };

  /* Opens what explains something, and closes it. */
  Vue.component("rp-why-button", {
    props: { open: Boolean, of: String, label: String },
    template: /* HTML */ `<button
      type="button"
      class="icon"
      :aria-expanded="String(open)"
      :aria-controls="of"
      :aria-label="label"
      @click="$emit('toggle')"
    >
      ?
    </button>`,
  });

  Vue.component("rp-change", {
    props: { change: Object },
    data: () => ({ open: false }),
    computed: {
      id() {
        return "change-" + this.change.key.replace(/[^\w]/g, "-");
      },
    },
    template: /* HTML */ `<li
      class="change"
      :class="{open}"
      :data-change="change.key"
      @mouseenter="place"
      @focusin="place"
      @keydown.esc="open = false"
    >
      <span class="what">{{ change.what }}</span> <b>{{ change.now }}</b
      ><span v-if="change.was !== ''" class="was">, was {{ change.was }}</span>
      <rp-why-button
        :open="open"
        :of="id"
        :label="'About this change: ' + change.what"
        @toggle="open = !open"
      ></rp-why-button
      ><button type="button" class="icon" :aria-label="'Take back: ' + change.what" @click="$emit('back', change.go)">
        ✕
      </button>
      <div ref="why" class="why" role="tooltip" :id="id">
        <p v-if="change.reason">{{ change.reason }}</p>
        <p v-for="(text, claim) in change.claims" :key="claim"><b>{{ claim }}</b> {{ text }}</p>
        <p v-for="one in change.details" :key="one.path" class="path">
          {{ one.path }} = {{ one.now }}, was {{ one.was || "not set" }}{{ one.range ? "; plausible: " + one.range : ""
          }}
        </p>
      </div>
    </li>`,
    methods: {
      place() {
        this.$nextTick(() => house.place(this.$refs.why, this.$el, true));
      },
    },
  });

  Vue.component("rp-changes", {
    props: { about: Object, titled: Boolean, unchanged: String },
    data: () => ({ said: "", shown: "" }),
    template: /* HTML */ `<section v-if="about.changes.length" class="changes" aria-label="Changes" data-changes>
      <p v-if="unchanged" class="unchanged" data-unchanged>{{ unchanged }}</p>
      <p v-else-if="titled" class="case-title" data-title>{{ about.title }}</p>
      <ul v-if="!unchanged">
        <rp-change v-for="one in about.changes" :key="one.key" :change="one" @back="$emit('go', $event)"></rp-change>
      </ul>
      <div class="tools">
        <button type="button" class="link" data-reset @click="$emit('go', about.reset)">Reset</button>
        <button type="button" class="link" data-copy-link @click="copy('Link', link())">Copy link</button>
        <button type="button" class="link" data-copy-command @click="copy('Command', about.command)">
          Copy as command
        </button>
        <button type="button" class="link" data-toml @click="$emit('toml')">Save as file</button>
        <span role="status" class="muted">{{ said }}</span>
        <code v-if="shown">{{ shown }}</code>
      </div>
    </section>`,
    methods: {
      link: () => window.location.href,
      async copy(what, text) {
        const done = await copied(text);
        this.said = done ? `${what} copied.` : `The browser does not allow copying; the ${what.toLowerCase()} is:`;
        this.shown = done ? "" : text;
        clearTimeout(this.timer);
        if (done) this.timer = setTimeout(() => (this.said = ""), 4000);
      },
    },
  });
})();
