/* One world after the other, as fast as the tables allow: rows that no world moves are worked out once for all, a
   gain is worked out where a feasible move asks for it and kept until something it reads has changed. */

#include "shared.h"

/* One world. */
typedef struct {
    double *z, *factor, *weight, *gain, *delta, *after, *tau, *deal, *aside, *measured;
    int32_t *choice, *result, *pending, *first, *made, *refused;
    uint64_t stream, word, known; /* known: bundles whose gains are up to date */
    int32_t t, waiting;
} World;

static void perceive(const Case *c, const Shared *s, World *w) {
    double *z = w->z;
    memcpy(z + c->issues, c->driven + w->t * c->drivers, c->drivers * sizeof *z);
    for (int32_t p = 0; p < c->pairs; p++) {
        const Pair *pair = c->pair + p;
        double D = pair->by_world ? dependence_of(c, pair, z) : s->pair[w->t * c->pairs + p];
        double seen = D * w->factor[p];
        z[pair->quantity] = D;
        w->weight[p] = c->phi * (seen > 0.0 ? seen : 0.0);
    }
    w->known &= s->same[w->t];
}

/* E5: what a bundle of changes brings to each actor that matters. */
static void weigh_up(const Case *c, const Shared *s, World *w, int32_t b) {
    const Bundle *bundle = c->bundle + b;
    const double *z = w->z, *shared = s->salience + w->t * c->interests;
    for (int32_t n = bundle->gains; n < bundle->gains_end; n++) {
        double g = 0.0;
        for (const Stake *k = c->stake + c->gain[n].stakes; k < c->stake + c->gain[n].stakes_end; k++) {
            const Interest *r = c->interest + k->interest;
            double salience = r->by_world ? salience_of(c, r, z) : shared[k->interest];
            g -= salience * (fabs(target(c->change + k->change, z) - r->position) - fabs(z[r->issue] - r->position));
        }
        w->gain[n] = g;
    }
}

static inline void know(const Case *c, const Shared *s, World *w, int32_t b) {
    if (b < 64 && w->known >> b & 1) return;
    weigh_up(c, s, w, b);
    if (b < 64) w->known |= 1ull << b;
}

static inline double seen_by(const Case *c, const World *w, int32_t v) {
    const View *view = c->view + v;
    double A = view->own < 0 ? 0.0 : w->gain[view->own];
    for (int32_t n = view->terms; n < view->terms_end; n++) A += w->weight[c->term[n].pair] * w->gain[c->term[n].gain];
    return A;
}

static inline int feasible(const Case *c, const World *w, int32_t v) {
    const Move *m = c->move + v;
    const Bundle *b = c->bundle + m->bundle;
    if (!holds(c, m->requires_, m->requires_end, w->z) || !(w->t - w->aside[v] > c->patience)) return 0;
    int moves = 0;
    for (int32_t n = b->changes; n < b->changes_end; n++)
        moves |= fabs(target(c->change + n, w->z) - w->z[c->change[n].issue]) > ROUNDING;
    return moves && (m->chance >= 1.0 || uniform(w->word, m->chance_key) < m->chance);
}

/* E7: set the terms of move v; return its value to the mover, or -1 if there is no deal. */
static double bargain(const Case *c, const Shared *s, World *w, int32_t v, double A) {
    const Move *m = c->move + v, *other = c->move + m->fallback;
    know(c, s, w, other->bundle);
    know(c, s, w, m->paid);
    double hold = 1.0 - chance_positive(seen_by(c, w, other->view) - other->cost, c->noise), keep = 1.0;
    for (int32_t n = 1; n <= c->patience; n++) keep = keep * hold;
    double b = seen_by(c, w, m->paid_view), kept = keep * seen_by(c, w, m->payer_view);
    double e = -seen_by(c, w, m->payer_paid_view);
    double tau = settle_terms(A, b, kept, e, w->z[m->mine], w->z[m->theirs]);
    double value = A + tau * b, deal = kept - tau * e;
    w->tau[v] = tau;
    w->deal[v] = deal;
    return value > 0.0 && deal > 0.0 ? value : -HUGE_VAL;
}

static void deliberate(const Case *c, const Shared *s, World *w, int32_t i, int32_t from) {
    double best = 0.0;
    w->choice[i] = -1;
    for (int32_t n = from; n < c->owned_end[i]; n++) {
        int32_t v = c->owned[n];
        if (!feasible(c, w, v)) continue;
        const Move *m = c->move + v;
        know(c, s, w, m->bundle);
        double V = seen_by(c, w, m->view) - m->cost;
        if (m->paid >= 0) V = bargain(c, s, w, v, V);
        V += c->noise * normal(w->word, m->decision_key);
        if (V > best) {
            best = V;
            w->choice[i] = v;
        }
    }
}

static double answer(const Case *c, const World *w, int32_t v, const Consent *k) {
    double V = 0.0;
    if (k->payer) V = w->deal[v];
    else {
        V = seen_by(c, w, k->view);
        if (k->paid_view >= 0) V += w->tau[v] * seen_by(c, w, k->paid_view);
    }
    return V + c->noise * normal(w->word, k->key);
}

static void act(const Case *c, World *w, int32_t v) {
    const Move *m = c->move + v;
    w->result[v] = 2;
    for (const Consent *k = c->consent + m->consents; k < c->consent + m->consents_end; k++)
        if (!(answer(c, w, v, k) > 0.0)) w->result[v] = 1;
    if (w->result[v] == 1) w->aside[v] = w->t;
    w->made[v] += w->result[v] == 2;
    w->refused[v] += w->result[v] == 1;
}

static inline void move_to(const Case *c, World *w, int32_t k, double x) {
    if (x == w->z[k]) return;
    w->z[k] = x;
    w->known &= ~c->readers[k];
}

static inline void add_changes(const Case *c, World *w, int32_t b, double scale) {
    const Bundle *bundle = c->bundle + b;
    for (const Change *r = c->change + bundle->changes; r < c->change + bundle->changes_end; r++)
        w->delta[r->issue] += scale * (target(r, w->z) - w->z[r->issue]);
}

static inline void take_changes(const Case *c, World *w, int32_t b) {
    const Bundle *bundle = c->bundle + b;
    for (const Change *r = c->change + bundle->changes; r < c->change + bundle->changes_end; r++) {
        move_to(c, w, r->issue, clip(w->z[r->issue] + w->delta[r->issue], 0.0, 1.0));
        w->delta[r->issue] = 0.0;
    }
}

/* Put the actors' choices in the order of moves; return how many there are. */
static int32_t sort_choices(const Case *c, World *w) {
    int32_t taken = 0;
    for (int32_t i = 0; i < c->actors; i++) {
        int32_t v = w->choice[i], n = taken;
        if (v < 0) continue;
        for (; n > 0 && w->choice[n - 1] > v; n--) w->choice[n] = w->choice[n - 1];
        w->choice[n] = v;
        taken++;
    }
    return taken;
}

static void apply_moves(const Case *c, World *w, int32_t taken) {
    double *price = w->z + c->quantities - c->moves;
    for (int32_t n = 0; n < taken; n++) {
        const Move *m = c->move + w->choice[n];
        if (w->result[w->choice[n]] != 2) continue;
        add_changes(c, w, m->bundle, 1.0);
        if (m->paid >= 0) add_changes(c, w, m->paid, w->tau[w->choice[n]]);
        price[w->choice[n]] = m->paid >= 0 ? w->tau[w->choice[n]] : 0.0;
    }
    for (int32_t n = 0; n < taken; n++) {
        const Move *m = c->move + w->choice[n];
        if (w->result[w->choice[n]] != 2) continue;
        take_changes(c, w, m->bundle);
        if (m->paid >= 0) take_changes(c, w, m->paid);
    }
}

static void drift(const Case *c, World *w) {
    for (int32_t n = 0; n < c->drifts; n++) {
        const Drift *r = c->drift + n;
        double x = w->z[r->issue], rest = clip(affine(c, r->rest, r->effects, r->effects_end, w->z), 0.0, 1.0);
        w->after[n] = clip(x + r->decay * (rest - x), 0.0, 1.0);
    }
    for (int32_t n = 0; n < c->drifts; n++) move_to(c, w, c->drift[n].issue, w->after[n]);
}

static void strike(const Case *c, World *w) {
    for (const Shock *s = c->shock; s < c->shock + c->shocks; s++) {
        if (s->at >= 0 ? s->at != w->t : w->t < s->since || w->t > s->until) continue;
        if (!holds(c, s->requires_, s->requires_end, w->z)) continue;
        if (s->at < 0 && !(uniform(w->word, s->key) < s->hazard)) continue;
        const Bundle *b = c->bundle + s->bundle;
        for (int32_t n = b->changes; n < b->changes_end; n++)
            move_to(c, w, c->change[n].issue, target(c->change + n, w->z));
    }
}

static inline int happens(const Case *c, const World *w, const Outcome *o) {
    if (o->final && w->t != c->months - 1) return 0;
    if (o->move >= 0 && w->result[o->move] != (o->made ? 2 : 1)) return 0;
    if (o->at >= 0 && w->first[o->at] != w->t) return 0;
    if (o->after >= 0 && !(w->first[o->after] >= 0 && w->first[o->after] < w->t)) return 0;
    return holds(c, o->when, o->when_end, w->z);
}

/* Test the outcomes that have not happened yet, in order. */
static void remember(const Case *c, World *w) {
    int32_t left = 0;
    for (int32_t n = 0; n < w->waiting; n++) {
        int32_t o = w->pending[n];
        if (happens(c, w, c->outcome + o)) {
            w->first[o] = w->t;
            if (c->outcome[o].measure >= 0) w->measured[o] = w->z[c->outcome[o].measure];
        } else w->pending[left++] = o;
    }
    w->waiting = left;
}

static void play_month(const Case *c, const Shared *s, World *w) {
    w->word = at_month(w->stream, w->t);
    perceive(c, s, w);
    for (int32_t i = 0, from = 0; i < c->actors; from = c->owned_end[i++]) deliberate(c, s, w, i, from);
    int32_t taken = sort_choices(c, w);
    for (int32_t n = 0; n < taken; n++) act(c, w, w->choice[n]);
    apply_moves(c, w, taken);
    drift(c, w);
    strike(c, w);
    remember(c, w);
    for (int32_t n = 0; n < taken; n++) w->result[w->choice[n]] = 0;
}

static void begin(const Case *c, World *w, uint64_t seed, uint64_t world) {
    w->stream = stream(seed, world);
    uint64_t once = at_month(w->stream, (uint64_t)-1);
    for (int32_t p = 0; p < c->pairs; p++) w->factor[p] = 1.0 + c->sigma * normal(once, c->pair[p].key);
    memset(w->z, 0, c->quantities * sizeof *w->z);
    memcpy(w->z, c->start, c->issues * sizeof *w->z);
    for (int32_t v = 0; v < c->moves; v++) w->aside[v] = -1.0e9, w->made[v] = w->refused[v] = 0;
    for (int32_t o = 0; o < c->outcomes; o++) w->pending[o] = o, w->first[o] = -1, w->measured[o] = 0.0;
    w->waiting = c->outcomes;
    w->known = 0;
}

static void keep(const Case *c, const World *w, Outputs out, int64_t n) {
    for (int32_t o = 0; o < c->outcomes; o++) out.first[n * c->outcomes + o] = w->first[o];
    memcpy(out.measured + n * c->outcomes, w->measured, c->outcomes * sizeof(double));
    for (int32_t v = 0; v < c->moves; v++) out.made[n * c->moves + v] = w->made[v];
    for (int32_t v = 0; v < c->moves; v++) out.refused[n * c->moves + v] = w->refused[v];
    memcpy(out.price + n * c->moves, w->z + c->quantities - c->moves, c->moves * sizeof(double));
    memcpy(out.last + n * c->issues, w->z, c->issues * sizeof(double));
}

static double *doubles(double **rest, int64_t count) {
    double *here = *rest;
    *rest += count;
    return here;
}

static int32_t *ints(int32_t **rest, int64_t count) {
    int32_t *here = *rest;
    *rest += count;
    return here;
}

static World new_world(const Case *c, double *d, int32_t *i) {
    return (World){
        .z = doubles(&d, c->quantities), .factor = doubles(&d, c->pairs),
        .weight = doubles(&d, c->pairs), .gain = doubles(&d, c->gains), .delta = doubles(&d, c->issues),
        .after = doubles(&d, c->drifts), .tau = doubles(&d, c->moves), .deal = doubles(&d, c->moves),
        .aside = doubles(&d, c->moves), .measured = doubles(&d, c->outcomes),
        .choice = ints(&i, c->actors), .result = ints(&i, c->moves), .pending = ints(&i, c->outcomes),
        .first = ints(&i, c->outcomes), .made = ints(&i, c->moves), .refused = ints(&i, c->moves),
    };
}

/* Run worlds `from`, `from` + 1, ... of a seed. */
void run(const Case *c, uint64_t seed, int64_t from, int64_t worlds, int32_t months, Outputs out) {
    int64_t most = c->quantities + 2 * c->pairs + c->gains + c->issues + c->drifts + 3 * c->moves;
    double *d = calloc(most + c->outcomes, sizeof(double));
    int32_t *i = calloc(c->actors + 3 * c->moves + 2 * c->outcomes, sizeof(int32_t));
    World w = new_world(c, d, i);
    Shared s = new_shared(c);
    for (int64_t n = 0; n < worlds; n++) {
        begin(c, &w, seed, from + n);
        for (w.t = 0; w.t < months; w.t++) play_month(c, &s, &w);
        keep(c, &w, out, n);
    }
    free_shared(&s);
    free(d), free(i);
}
