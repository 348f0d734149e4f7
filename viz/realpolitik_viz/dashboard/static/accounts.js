/* The account of one decision: its value to the actor, and the smallest change that would have flipped it. */
(function () {
  "use strict";
  const house = window.house;
  const MOST = 26; // letters of an issue next to its bar
  const brief = (text) => (text.length > MOST ? `${text.slice(0, MOST - 1).trimEnd()}…` : text);

  Vue.component("rp-account", {
    props: { decision: Object, actors: Object, claims: Object, flip: Object, words: String, asking: Boolean },
    computed: {
      steps() {
        const d = this.decision,
          label = (name) => (this.actors[name] || { label: name }).label;
        const part = (p) => `${brief(p.issue)}${p.when ? `\n${p.when}` : ""}`;
        /* A share and its parts; one that has a single part is named with it, so that no number stands twice. */
        const divided = (name, share, actor) => {
          const parts = d.parts[actor] || [];
          if (parts.length === 1) return [{ name: `${name}:\n${part(parts[0])}`, share, actor }];
          return [
            { name, share, actor },
            ...parts.map((p) => ({ name: `of it ${part(p)}`, share: p.share, actor, part: true })),
          ];
        };
        return [
          ...divided("own interest", d.own, d.actor),
          ...Object.entries(d.through).flatMap(([name, share]) => divided(`through ${label(name)}`, share, name)),
          { name: "cost", share: -d.cost },
          { name: "noise", share: d.noise },
          { name: "value", share: d.value, total: true, actor: d.actor },
        ];
      },
      option() {
        const steps = this.steps,
          title = this.title,
          actors = this.actors;
        return () =>
          house.waterfall({ steps, title, colours: steps.map((s) => s.actor && (actors[s.actor] || {}).colour) });
      },
      title() {
        const { actor, month, label } = this.decision;
        return `Account of ${actor}'s decision, ${house.inWords(month)}: ${label}`;
      },
      verdict() {
        const agreed = this.decision.vote ? "agreed by vote" : "agreed by all actors asked";
        return { done: "done", agreed, refused: "refused" }[this.decision.result];
      },
      effect() {
        const moved = this.decision.changes.map((one) => `${one.label} ${house.signed(one.change, 2)}`).join(", ");
        const verb = this.decision.result === "refused" ? "It would have changed" : "It changed";
        return moved && `${verb}: ${moved}, on scales from 0 to 1.`;
      },
    },
    template: /* HTML */ `<section class="account" aria-live="polite">
      <h3><i class="dot" :style="{background: (actors[decision.actor] || {}).colour}"></i>{{ decision.text }}</h3>
      <p class="muted">{{ inWords(decision.month) }}, {{ verdict }}.<span v-if="effect"> {{ effect }}</span></p>
      <p class="because" data-why>{{ decision.why }}</p>
      <rp-chart
        :option="option"
        :title="title"
        :height="44 + 34 * steps.length"
        :name="'account-' + decision.actor + '-' + decision.month"
        :rows="table"
        >What the move was worth to {{ label(decision.actor) }}, in units of utility: each bar starts where the last one
        ended, and all add up to the value. Paler bars divide the one above them.</rp-chart
      >
      <p v-for="(value, name) in decision.consents" :key="name">
        {{ label(name) }} was asked to consent: the move was worth {{ signed(value, 3) }} to it, so it {{ value > 0 ?
        "agreed" : "refused" }}.
      </p>
      <p v-if="decision.vote" data-vote><b>Vote</b> {{ decision.vote }}.</p>
      <p v-if="decision.payment" data-payment><b>Payment</b> {{ decision.payment }}.</p>
      <p v-for="([title, what, then], n) in decision.expected" :key="'expected-' + n" data-expected>
        <b>{{ title[0].toUpperCase() + title.slice(1) }}</b> {{ what }}<span v-if="then">; {{ then }}</span>.
      </p>
      <p><b>Next best</b> {{ decision.runner || "no move" }}, {{ decision.margin.toFixed(3) }} less.</p>
      <p data-flip>
        <b>Flip</b>
        <span v-if="flip"
          >{{ words }} <code>{{ flip.set }}</code>
          <button type="button" class="strong" data-fork @click="$emit('fork', flip.set)">
            Play that branch
          </button></span
        >
        <span v-else-if="asking">searching for the smallest change of one number …</span
        ><span v-else>no change of one number within its bounds flips the decision.</span>
      </p>
      <slot></slot>
      <p class="claims"><b>Claims</b> <span v-if="!decision.claims.length">none</span></p>
      <ul class="claims">
        <li v-for="claim in decision.claims" :key="claim"><b>{{ claim }}</b> {{ claims[claim] }}</li>
      </ul>
    </section>`,
    methods: {
      inWords: house.inWords,
      signed: house.signed,
      label(name) {
        return (this.actors[name] || { label: name }).label;
      },
      table() {
        return [
          ["step", "share"],
          ...this.steps.map((s) => [s.name.replace(":\n", ": ").replace("\n", ", "), s.share]),
        ];
      },
    },
  });
})();
