/* WIDTH worlds side by side, each number a vector over them. As in worlds.c, what no world moves is worked out once for
   all, and a gain only where some world asks for it and something it reads has changed in some world. */

#include "shared.h"

#ifndef WIDTH
#define WIDTH 4
#endif

typedef double V __attribute__((vector_size(8 * WIDTH)));
typedef int64_t M __attribute__((vector_size(8 * WIDTH))); /* a mask, all bits or none; or an integer */
typedef uint64_t U __attribute__((vector_size(8 * WIDTH)));

typedef struct {
    V *z, *factor, *weight, *gain, *delta, *after, *tau, *deal, *aside, *measured, *salience, *loss, *target;
    M *made, *first, *counts, *refusals;
    int32_t *taken, *pending, *stamp;
    U stream, word;
    uint64_t known;
    int32_t t, waiting, takes;
} Block;

#define BROADCAST(type, value) ((type){} + (value))

#if WIDTH == 4 && defined __AVX2__
static inline V choose(M mask, V a, V b) { return __builtin_ia32_blendvpd256(b, a, (V)mask); }

static inline V vmax(V a, V b) { return __builtin_ia32_maxpd256(a, b); } /* a > b ? a : b */

static inline V vmin(V a, V b) { return __builtin_ia32_minpd256(a, b); } /* a < b ? a : b */

static inline int any(M mask) { return __builtin_ia32_movmskpd256((V)mask) != 0; }
#else
static inline V choose(M mask, V a, V b) { return (V)((mask & (M)a) | (~mask & (M)b)); }

static inline V vmax(V a, V b) { return choose(a > b, a, b); }

static inline V vmin(V a, V b) { return choose(a < b, a, b); }

static inline int any(M mask) {
    int64_t some = 0;
    for (int l = 0; l < WIDTH; l++) some |= mask[l];
    return some != 0;
}
#endif

static inline V masked(M mask, V a) { return (V)(mask & (M)a); }

static inline V vclip(V v) { return vmin(vmax(v, BROADCAST(V, 0.0)), BROADCAST(V, 1.0)); }

static inline V vabs(V v) { return (V)((M)v & 0x7FFFFFFFFFFFFFFF); }

static inline U vmix(U h) {
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
    h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
    return h ^ (h >> 31);
}

/* An integer below 2^52 becomes a double by its bits: there is no instruction for it before AVX-512. */
static inline V from_integer(U small) { return (V)(small | 0x4330000000000000u) - 4503599627370496.0; }

static inline V vnormal(U word, uint64_t key) {
    U h = vmix(word ^ key);
    U sum = (h & 0xFFFF) + (h >> 16 & 0xFFFF) + (h >> 32 & 0xFFFF) + (h >> 48);
    return (from_integer(sum) - 131070.0) * 2.6428997921303014e-05;
}

/* uniform(h) < chance, in whole numbers: h >> 11 < chance * 2^53. */
static inline M comes_up(U word, uint64_t key, double chance) {
    return (M)(vmix(word ^ key) >> 11) < (int64_t)ceil(chance * 9007199254740992.0);
}

static inline V vaffine(const Case *c, double value, int32_t from, int32_t to, const V *z) {
    V sum = BROADCAST(V, value);
    for (int32_t e = from; e < to; e++) sum += c->effect[e].factor * z[c->effect[e].quantity];
    return sum;
}

static inline M vholds(const Case *c, int32_t from, int32_t to, const V *z, M where) {
    for (const Condition *r = c->condition + from; r < c->condition + to; r++) {
        V left = z[r->quantity], right = r->other < 0 ? BROADCAST(V, r->bound) : z[r->other];
        where &= r->above ? left > right : left < right;
    }
    return where;
}

static inline V vtarget(const Change *r, const V *z) {
    return r->to ? BROADCAST(V, r->value) : vclip(z[r->issue] + r->value);
}

static V vdependence(const Case *c, const Pair *p, const V *z) {
    V D = {};
    for (const Dependence *r = c->dependence + p->rows; r < c->dependence + p->rows_end; r++)
        D += r->stake * (1.0 - vclip(vaffine(c, r->alternatives, r->effects, r->effects_end, z)));
    return D;
}

static void perceive(const Case *c, const Shared *s, Block *w) {
    const double *drivers = c->driven + w->t * c->drivers, *D = s->pair + w->t * c->pairs;
    for (int32_t m = 0; m < c->drivers; m++)
        if (!w->t || drivers[m] != drivers[m - c->drivers]) w->z[c->issues + m] = BROADCAST(V, drivers[m]);
    for (int32_t p = 0; p < c->pairs; p++) {
        const Pair *pair = c->pair + p;
        if (!pair->by_world && w->t && D[p] == D[p - c->pairs]) continue;
        V now = pair->by_world ? vdependence(c, pair, w->z) : BROADCAST(V, D[p]);
        w->z[pair->quantity] = now;
        w->weight[p] = c->phi * vmax(now * w->factor[p], (V){});
    }
    w->known &= s->same[w->t];
}

static inline V salience(const Case *c, const Shared *s, Block *w, int32_t r) {
    const Interest *row = c->interest + r;
    if (!row->by_world) return BROADCAST(V, s->salience[w->t * c->interests + r]);
    if (w->stamp[r] != w->t) {
        w->salience[r] = vmax(vaffine(c, row->salience, row->effects, row->effects_end, w->z), (V){});
        w->stamp[r] = w->t;
    }
    return w->salience[r];
}

static void weigh_up(const Case *c, const Shared *s, Block *w, int32_t b) {
    const Bundle *bundle = c->bundle + b;
    for (int32_t n = bundle->gains; n < bundle->gains_end; n++) {
        V g = {};
        for (const Stake *k = c->stake + c->gain[n].stakes; k < c->stake + c->gain[n].stakes_end; k++) {
            const Interest *r = c->interest + k->interest;
            V after = vabs(vtarget(c->change + k->change, w->z) - r->position);
            g -= salience(c, s, w, k->interest) * (after - vabs(w->z[r->issue] - r->position));
        }
        w->gain[n] = g;
    }
}

static inline void know(const Case *c, const Shared *s, Block *w, int32_t b) {
    if (b < 64 && w->known >> b & 1) return;
    weigh_up(c, s, w, b);
    if (b < 64) w->known |= 1ull << b;
}

static inline V seen_by(const Case *c, const Block *w, int32_t v) {
    const View *view = c->view + v;
    V A = view->own < 0 ? (V){} : w->gain[view->own];
    for (int32_t n = view->terms; n < view->terms_end; n++) A += w->weight[c->term[n].pair] * w->gain[c->term[n].gain];
    return A;
}

static inline M feasible(const Case *c, const Block *w, int32_t v) {
    const Move *m = c->move + v;
    const Bundle *b = c->bundle + m->bundle;
    M moves = {};
    for (int32_t n = b->changes; n < b->changes_end; n++)
        moves |= vtarget(c->change + n, w->z) != w->z[c->change[n].issue];
    if (m->consents < m->consents_end) moves &= w->t - w->aside[v] > c->patience;
    moves = vholds(c, m->requires_, m->requires_end, w->z, moves);
    if (m->chance >= 1.0 || !any(moves)) return moves;
    return moves & comes_up(w->word, m->chance_key, m->chance);
}

static V vchance_positive(V a, double noise) {
    if (noise == 0.0) return masked(a > 0.0, BROADCAST(V, 1.0));
    V y = a / noise * 0.5773502691896258 + 2.0;
    V u = vmin(vmax(choose(y <= 2.0, y, 4.0 - y), (V){}), BROADCAST(V, 2.0));
    V low = u * u * u * u / 24.0, high = ((((u * -3.0 + 16.0) * u - 24.0) * u + 16.0) * u - 4.0) / 24.0;
    V tail = choose(u <= 1.0, low, high);
    return choose(y <= 2.0, tail, 1.0 - tail);
}

static V vsettle_terms(V a, V b, V c, V e, V mine, V theirs) {
    V both = mine + theirs, omega = choose(both != 0.0, mine / both, BROADCAST(V, 0.5));
    V tau = vclip(omega * c / e - (1.0 - omega) * a / b);
    return masked(b > 0.0, choose(e > 0.0, tau, BROADCAST(V, 1.0)));
}

static V bargain(const Case *c, const Shared *s, Block *w, int32_t v, V A, M *where) {
    const Move *m = c->move + v, *other = c->move + m->fallback;
    know(c, s, w, other->bundle);
    know(c, s, w, m->paid);
    V hold = 1.0 - vchance_positive(seen_by(c, w, other->view) - other->cost, c->noise), keep = BROADCAST(V, 1.0);
    for (int32_t n = 1; n <= c->patience; n++) keep = keep * hold;
    V b = seen_by(c, w, m->paid_view), kept = keep * seen_by(c, w, m->payer_view);
    V e = -seen_by(c, w, m->payer_paid_view);
    w->tau[v] = vsettle_terms(A, b, kept, e, w->z[m->mine], w->z[m->theirs]);
    w->deal[v] = kept - w->tau[v] * e;
    V value = A + w->tau[v] * b;
    *where &= (value > 0.0) & (w->deal[v] > 0.0);
    return value;
}

/* No noise lifts a move above `best` where even the greatest of all would not. */
static inline M hopeful(const Case *c, V A, V best, M where) {
    return where & (A + c->noise * (131070.0 * 2.6428997921303014e-05) > best);
}

static V answer(const Case *c, const Block *w, int32_t v, const Consent *k) {
    V value;
    if (k->payer) value = w->deal[v];
    else {
        value = seen_by(c, w, k->view);
        if (k->paid_view >= 0) value += w->tau[v] * seen_by(c, w, k->paid_view);
    }
    return value + c->noise * vnormal(w->word, k->key);
}

static void act(const Case *c, Block *w, int32_t v, M chosen) {
    const Move *m = c->move + v;
    M made = chosen;
    for (const Consent *k = c->consent + m->consents; k < c->consent + m->consents_end; k++)
        made &= answer(c, w, v, k) > 0.0;
    M refused = chosen & ~made;
    w->made[2 * v] = made;
    w->made[2 * v + 1] = refused;
    w->aside[v] = choose(refused, BROADCAST(V, (double)w->t), w->aside[v]);
    w->counts[v] -= made;
    w->refusals[v] -= refused;
    int32_t n = w->takes++;
    for (; n > 0 && w->taken[n - 1] > v; n--) w->taken[n] = w->taken[n - 1];
    w->taken[n] = v;
}

static void deliberate(const Case *c, const Shared *s, Block *w, int32_t i, int32_t from) {
    V best = {};
    M choice = BROADCAST(M, -1);
    for (int32_t n = from; n < c->owned_end[i]; n++) {
        int32_t v = c->owned[n];
        const Move *m = c->move + v;
        M where = feasible(c, w, v);
        if (!any(where)) continue;
        know(c, s, w, m->bundle);
        V value = seen_by(c, w, m->view) - m->cost;
        if (m->paid >= 0) value = bargain(c, s, w, v, value, &where);
        if (!any(hopeful(c, value, best, where))) continue;
        value += c->noise * vnormal(w->word, m->decision_key);
        M better = where & (value > best);
        best = choose(better, value, best);
        choice = (better & v) | (~better & choice);
    }
    for (int32_t n = from; n < c->owned_end[i]; n++) {
        M chosen = choice == c->owned[n];
        if (any(chosen)) act(c, w, c->owned[n], chosen);
    }
}

static inline void move_to(const Case *c, Block *w, int32_t k, V x) {
    if (any(x != w->z[k])) w->known &= ~c->readers[k];
    w->z[k] = x;
}

static inline void add_changes(const Case *c, Block *w, int32_t b, V scale, M made) {
    const Bundle *bundle = c->bundle + b;
    for (const Change *r = c->change + bundle->changes; r < c->change + bundle->changes_end; r++)
        w->delta[r->issue] += masked(made, scale * (vtarget(r, w->z) - w->z[r->issue]));
}

static inline void take_changes(const Case *c, Block *w, int32_t b) {
    const Bundle *bundle = c->bundle + b;
    for (const Change *r = c->change + bundle->changes; r < c->change + bundle->changes_end; r++) {
        move_to(c, w, r->issue, vclip(w->z[r->issue] + w->delta[r->issue]));
        w->delta[r->issue] = (V){};
    }
}

static void apply_moves(const Case *c, Block *w) {
    V *price = w->z + c->quantities - c->moves;
    for (int32_t n = 0; n < w->takes; n++) {
        int32_t v = w->taken[n];
        const Move *m = c->move + v;
        add_changes(c, w, m->bundle, BROADCAST(V, 1.0), w->made[2 * v]);
        if (m->paid < 0) continue;
        add_changes(c, w, m->paid, w->tau[v], w->made[2 * v]);
        price[v] = choose(w->made[2 * v], w->tau[v], price[v]);
    }
    for (int32_t n = 0; n < w->takes; n++) {
        const Move *m = c->move + w->taken[n];
        take_changes(c, w, m->bundle);
        if (m->paid >= 0) take_changes(c, w, m->paid);
    }
}

static void drift(const Case *c, Block *w) {
    for (int32_t n = 0; n < c->drifts; n++) {
        const Drift *r = c->drift + n;
        V x = w->z[r->issue], rest = vclip(vaffine(c, r->rest, r->effects, r->effects_end, w->z));
        w->after[n] = vclip(x + r->decay * (rest - x));
    }
    for (int32_t n = 0; n < c->drifts; n++) move_to(c, w, c->drift[n].issue, w->after[n]);
}

static void strike(const Case *c, Block *w) {
    for (const Shock *s = c->shock; s < c->shock + c->shocks; s++) {
        if (s->at >= 0 ? s->at != w->t : w->t < s->since || w->t > s->until) continue;
        M struck = vholds(c, s->requires_, s->requires_end, w->z, BROADCAST(M, -1));
        if (!any(struck)) continue;
        if (s->at < 0) struck &= comes_up(w->word, s->key, s->hazard);
        if (!any(struck)) continue;
        const Bundle *b = c->bundle + s->bundle;
        for (const Change *r = c->change + b->changes; r < c->change + b->changes_end; r++)
            move_to(c, w, r->issue, choose(struck, vtarget(r, w->z), w->z[r->issue]));
    }
}

static M happens(const Case *c, const Block *w, const Outcome *o, M where) {
    if (o->final && w->t != c->months - 1) return (M){};
    if (o->move >= 0) where &= w->made[2 * o->move + !o->made];
    if (o->at >= 0) where &= w->first[o->at] == w->t;
    if (o->after >= 0) where &= (w->first[o->after] >= 0) & (w->first[o->after] < w->t);
    return vholds(c, o->when, o->when_end, w->z, where);
}

static void remember(const Case *c, Block *w) {
    int32_t left = 0;
    for (int32_t n = 0; n < w->waiting; n++) {
        int32_t o = w->pending[n], q = c->outcome[o].measure;
        M now = happens(c, w, c->outcome + o, w->first[o] == -1);
        w->first[o] = (now & w->t) | (~now & w->first[o]);
        if (q >= 0) w->measured[o] = choose(now, w->z[q], w->measured[o]);
        if (any(w->first[o] == -1)) w->pending[left++] = o;
    }
    w->waiting = left;
}

static void play_month(const Case *c, const Shared *s, Block *w) {
    w->word = vmix(w->stream + GOLDEN * (uint64_t)(w->t + 1));
    w->takes = 0;
    perceive(c, s, w);
    for (int32_t i = 0, from = 0; i < c->actors; from = c->owned_end[i++]) deliberate(c, s, w, i, from);
    apply_moves(c, w);
    drift(c, w);
    strike(c, w);
    remember(c, w);
    for (int32_t n = 0; n < w->takes; n++) w->made[2 * w->taken[n]] = w->made[2 * w->taken[n] + 1] = (M){};
}

static void begin(const Case *c, Block *w, uint64_t seed, uint64_t world) {
    for (int l = 0; l < WIDTH; l++) w->stream[l] = stream(seed, world + l);
    U once = vmix(w->stream);
    for (int32_t p = 0; p < c->pairs; p++) w->factor[p] = 1.0 + c->sigma * vnormal(once, c->pair[p].key);
    memset(w->z, 0, c->quantities * sizeof *w->z);
    for (int32_t k = 0; k < c->issues; k++) w->z[k] = BROADCAST(V, c->start[k]);
    for (int32_t v = 0; v < c->moves; v++) w->aside[v] = BROADCAST(V, -1.0e9), w->counts[v] = w->refusals[v] = (M){};
    for (int32_t o = 0; o < c->outcomes; o++)
        w->pending[o] = o, w->first[o] = BROADCAST(M, -1), w->measured[o] = (V){};
    for (int32_t r = 0; r < c->interests; r++) w->stamp[r] = -1;
    w->waiting = c->outcomes;
    w->known = 0;
}

static void keep(const Case *c, const Block *w, Outputs out, int64_t n, int l) {
    for (int32_t o = 0; o < c->outcomes; o++) {
        out.first[n * c->outcomes + o] = w->first[o][l];
        out.measured[n * c->outcomes + o] = w->measured[o][l];
    }
    for (int32_t v = 0; v < c->moves; v++) {
        out.made[n * c->moves + v] = w->counts[v][l];
        out.refused[n * c->moves + v] = w->refusals[v][l];
        out.price[n * c->moves + v] = w->z[c->quantities - c->moves + v][l];
    }
    for (int32_t k = 0; k < c->issues; k++) out.last[n * c->issues + k] = w->z[k][l];
}

static void *vectors(char **rest, int64_t count) {
    void *here = *rest;
    *rest += count * sizeof(V);
    return here;
}

static int32_t *ints(int32_t **rest, int64_t count) {
    int32_t *here = *rest;
    *rest += count;
    return here;
}

static Block new_block(const Case *c, char *d, int32_t *i) {
    return (Block){
        .z = vectors(&d, c->quantities), .factor = vectors(&d, c->pairs), .weight = vectors(&d, c->pairs),
        .gain = vectors(&d, c->gains), .delta = vectors(&d, c->issues), .after = vectors(&d, c->drifts),
        .tau = vectors(&d, c->moves), .deal = vectors(&d, c->moves), .aside = vectors(&d, c->moves),
        .measured = vectors(&d, c->outcomes), .salience = vectors(&d, c->interests), .made = vectors(&d, 2 * c->moves),
        .first = vectors(&d, c->outcomes), .counts = vectors(&d, c->moves), .refusals = vectors(&d, c->moves),
        .taken = ints(&i, c->actors * WIDTH), .pending = ints(&i, c->outcomes), .stamp = ints(&i, c->interests),
    };
}

static int64_t rows(const Case *c) {
    return c->quantities + 2 * c->pairs + c->gains + c->issues + c->drifts + 7 * c->moves + 2 * c->outcomes
           + c->interests;
}

/* Run worlds `from`, `from` + 1, ... of a seed; lanes beyond the last world are played and not kept. */
void run(const Case *c, uint64_t seed, int64_t from, int64_t worlds, int32_t months, Outputs out) {
    size_t bytes = (rows(c) * sizeof(V) + 63) / 64 * 64;
    char *d = aligned_alloc(64, bytes);
    memset(d, 0, bytes);
    int32_t *i = calloc(c->actors * WIDTH + c->outcomes + c->interests, sizeof(int32_t));
    Block w = new_block(c, d, i);
    Shared s = new_shared(c);
    for (int64_t n = 0; n < worlds; n += WIDTH) {
        begin(c, &w, seed, from + n);
        for (w.t = 0; w.t < months; w.t++) play_month(c, &s, &w);
        for (int l = 0; l < WIDTH && n + l < worlds; l++) keep(c, &w, out, n + l, l);
    }
    free_shared(&s);
    free(d), free(i);
}
