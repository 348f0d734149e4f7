/* WIDTH worlds side by side, each number a row over them. As in worlds.c, what no world moves is worked out once for
   all, and a gain only where some world asks for it and something it reads has changed in some world. */

#include "shared.h"

#ifndef K
#define K 8 /* vectors in a row */
#endif
#define WIDTH (4 * K)
#define EACH _Pragma("GCC unroll 16") for (int k = 0; k < K; k++)

typedef double V __attribute__((vector_size(32)));
typedef int64_t M __attribute__((vector_size(32))); /* a mask, all bits or none; or an integer */
typedef uint64_t U __attribute__((vector_size(32)));
typedef struct { V v[K]; } Row;
typedef struct { M v[K]; } Mask;
typedef struct { U v[K]; } Words;

typedef struct {
    Row *z, *factor, *weight, *gain, *delta, *after, *tau, *deal, *aside, *measured, *salience, *loss, *target;
    Mask *made, *refused, *first, *counts, *refusals;
    int32_t *taken, *pending, *salient, *lost, *able;
    Words stream, word;
    uint64_t known;
    int32_t t, waiting, takes;
} Block;

#define BROADCAST(type, value) ((type){} + (value))

#ifdef __AVX2__
static inline V choose(M mask, V a, V b) { return __builtin_ia32_blendvpd256(b, a, (V)mask); }

static inline V vmax(V a, V b) { return __builtin_ia32_maxpd256(a, b); } /* a > b ? a : b */

static inline V vmin(V a, V b) { return __builtin_ia32_minpd256(a, b); } /* a < b ? a : b */

static inline int some(M mask) { return __builtin_ia32_movmskpd256((V)mask) != 0; }
#else
static inline V choose(M mask, V a, V b) { return (V)((mask & (M)a) | (~mask & (M)b)); }

static inline V vmax(V a, V b) { return choose(a > b, a, b); }

static inline V vmin(V a, V b) { return choose(a < b, a, b); }

static inline int some(M mask) { return (mask[0] | mask[1] | mask[2] | mask[3]) != 0; }
#endif

static inline V masked(M mask, V a) { return (V)(mask & (M)a); }

static inline V vclip(V v) { return vmin(vmax(v, BROADCAST(V, 0.0)), BROADCAST(V, 1.0)); }

static inline V vabs(V v) { return (V)((M)v & 0x7FFFFFFFFFFFFFFF); }

static inline int any(Mask mask) {
    M all = mask.v[0];
    for (int k = 1; k < K; k++) all |= mask.v[k];
    return some(all);
}

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

static inline Row vaffine(const Case *c, double value, int32_t from, int32_t to, const Row *z) {
    Row sum;
    EACH sum.v[k] = BROADCAST(V, value);
    for (int32_t e = from; e < to; e++) {
        const Row *q = z + c->effect[e].quantity;
        double factor = c->effect[e].factor;
        EACH sum.v[k] += factor * q->v[k];
    }
    return sum;
}

static inline Mask vholds(const Case *c, int32_t from, int32_t to, const Row *z, Mask where) {
    for (const Condition *r = c->condition + from; r < c->condition + to; r++) {
        const Row *left = z + r->quantity, *right = z + r->other;
        if (r->other >= 0 && r->above) EACH where.v[k] &= left->v[k] > right->v[k];
        else if (r->other >= 0) EACH where.v[k] &= left->v[k] < right->v[k];
        else if (r->above) EACH where.v[k] &= left->v[k] > r->bound;
        else EACH where.v[k] &= left->v[k] < r->bound;
    }
    return where;
}

static inline Row vtarget(const Change *r, const Row *z) {
    Row out;
    if (r->to) EACH out.v[k] = BROADCAST(V, r->value);
    else EACH out.v[k] = vclip(z[r->issue].v[k] + r->value);
    return out;
}

static void vdependence(const Case *c, const Pair *p, Row *z) {
    Row D = {};
    for (const Dependence *r = c->dependence + p->rows; r < c->dependence + p->rows_end; r++) {
        Row alternatives = vaffine(c, r->alternatives, r->effects, r->effects_end, z);
        EACH D.v[k] += r->stake * (1.0 - vclip(alternatives.v[k]));
    }
    z[p->quantity] = D;
}

static void perceive(const Case *c, const Shared *s, Block *w) {
    const double *drivers = c->driven + w->t * c->drivers, *D = s->pair + w->t * c->pairs;
    for (int32_t m = 0; m < c->drivers; m++)
        if (!w->t || drivers[m] != drivers[m - c->drivers]) EACH w->z[c->issues + m].v[k] = BROADCAST(V, drivers[m]);
    for (int32_t p = 0; p < c->pairs; p++) {
        const Pair *pair = c->pair + p;
        if (!pair->by_world && w->t && D[p] == D[p - c->pairs]) continue;
        Row *now = w->z + pair->quantity;
        if (pair->by_world) vdependence(c, pair, w->z);
        else EACH now->v[k] = BROADCAST(V, D[p]);
        EACH w->weight[p].v[k] = c->phi * vmax(now->v[k] * w->factor[p].v[k], (V){});
    }
    w->known &= s->same[w->t];
}

/* E3: the salience and the present loss of an interest, once a month. */
static inline void take_interest(const Case *c, const Shared *s, Block *w, int32_t r) {
    const Interest *row = c->interest + r;
    if (w->salient[r] == w->t) return;
    w->salient[r] = w->t;
    if (row->by_world) {
        Row salience = vaffine(c, row->salience, row->effects, row->effects_end, w->z);
        EACH w->salience[r].v[k] = vmax(salience.v[k], (V){});
    } else if (w->lost[r] < 0 || s->salience[w->t * c->interests + r] != s->salience[w->lost[r] * c->interests + r])
        EACH w->salience[r].v[k] = BROADCAST(V, s->salience[w->t * c->interests + r]);
    w->lost[r] = w->t;
    EACH w->loss[r].v[k] = vabs(w->z[row->issue].v[k] - row->position);
}

static inline const Row *aim(const Case *c, Block *w, int32_t n) {
    if (w->able[n] != w->t) w->target[n] = vtarget(c->change + n, w->z);
    w->able[n] = w->t;
    return w->target + n;
}

static void weigh_up(const Case *c, const Shared *s, Block *w, int32_t b) {
    const Bundle *bundle = c->bundle + b;
    for (int32_t n = bundle->changes; n < bundle->changes_end; n++) aim(c, w, n);
    for (int32_t n = bundle->gains; n < bundle->gains_end; n++) {
        Row g = {};
        for (const Stake *r = c->stake + c->gain[n].stakes; r < c->stake + c->gain[n].stakes_end; r++) {
            take_interest(c, s, w, r->interest);
            double position = c->interest[r->interest].position;
            const Row *target = w->target + r->change, *salience = w->salience + r->interest;
            const Row *loss = w->loss + r->interest;
            EACH g.v[k] -= salience->v[k] * (vabs(target->v[k] - position) - loss->v[k]);
        }
        w->gain[n] = g;
    }
}

static inline void know(const Case *c, const Shared *s, Block *w, int32_t b) {
    if (b < 64 && w->known >> b & 1) return;
    weigh_up(c, s, w, b);
    if (b < 64) w->known |= 1ull << b;
}

static inline Row seen_by(const Case *c, const Block *w, int32_t v) {
    const View *view = c->view + v;
    Row A = view->own < 0 ? (Row){} : w->gain[view->own];
    for (const Term *r = c->term + view->terms; r < c->term + view->terms_end; r++) {
        const Row *weight = w->weight + r->pair, *gain = w->gain + r->gain;
        EACH A.v[k] += weight->v[k] * gain->v[k];
    }
    return A;
}

static inline Mask feasible(const Case *c, Block *w, int32_t v) {
    const Move *m = c->move + v;
    const Bundle *b = c->bundle + m->bundle;
    Mask moves = {};
    for (int32_t n = b->changes; n < b->changes_end; n++) {
        const Row *target = aim(c, w, n), *x = w->z + c->change[n].issue;
        EACH moves.v[k] |= (target->v[k] - x->v[k] > ROUNDING) | (x->v[k] - target->v[k] > ROUNDING);
    }
    if (m->consents < m->consents_end) EACH moves.v[k] &= w->t - w->aside[v].v[k] > c->patience;
    moves = vholds(c, m->requires_, m->requires_end, w->z, moves);
    if (m->chance >= 1.0 || !any(moves)) return moves;
    EACH moves.v[k] &= comes_up(w->word.v[k], m->chance_key, m->chance);
    return moves;
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

static Mask bargain(const Case *c, const Shared *s, Block *w, int32_t v, Row *value, Mask where) {
    const Move *m = c->move + v, *other = c->move + m->fallback;
    know(c, s, w, other->bundle);
    know(c, s, w, m->paid);
    Row given = seen_by(c, w, other->view), b = seen_by(c, w, m->paid_view);
    Row kept = seen_by(c, w, m->payer_view), f = seen_by(c, w, m->payer_paid_view);
    const Row *mine = w->z + m->mine, *theirs = w->z + m->theirs;
    EACH {
        V hold = 1.0 - vchance_positive(given.v[k] - other->cost, c->noise), keep = BROADCAST(V, 1.0);
        for (int32_t n = 1; n <= c->patience; n++) keep = keep * hold;
        V left = keep * kept.v[k], e = -f.v[k], A = value->v[k];
        V tau = vsettle_terms(A, b.v[k], left, e, mine->v[k], theirs->v[k]);
        value->v[k] = A + tau * b.v[k];
        w->tau[v].v[k] = tau;
        w->deal[v].v[k] = left - tau * e;
        where.v[k] &= (value->v[k] > 0.0) & (w->deal[v].v[k] > 0.0);
    }
    return where;
}

static Row answer(const Case *c, const Block *w, int32_t v, const Consent *r) {
    Row value = r->payer ? w->deal[v] : seen_by(c, w, r->view);
    if (!r->payer && r->paid_view >= 0) {
        Row paid = seen_by(c, w, r->paid_view);
        EACH value.v[k] += w->tau[v].v[k] * paid.v[k];
    }
    EACH value.v[k] += c->noise * vnormal(w->word.v[k], r->key);
    return value;
}

static void act(const Case *c, Block *w, int32_t v, Mask chosen) {
    const Move *m = c->move + v;
    Mask made = chosen;
    for (const Consent *r = c->consent + m->consents; r < c->consent + m->consents_end; r++) {
        Row value = answer(c, w, v, r);
        EACH made.v[k] &= value.v[k] > 0.0;
    }
    EACH {
        M refused = chosen.v[k] & ~made.v[k];
        w->refused[v].v[k] = refused;
        w->aside[v].v[k] = choose(refused, BROADCAST(V, (double)w->t), w->aside[v].v[k]);
        w->counts[v].v[k] -= made.v[k];
        w->refusals[v].v[k] -= refused;
    }
    w->made[v] = made;
    int32_t n = w->takes++;
    for (; n > 0 && w->taken[n - 1] > v; n--) w->taken[n] = w->taken[n - 1];
    w->taken[n] = v;
}

static void deliberate(const Case *c, const Shared *s, Block *w, int32_t i, int32_t from) {
    Row best = {};
    Mask choice;
    EACH choice.v[k] = BROADCAST(M, -1);
    for (int32_t n = from; n < c->owned_end[i]; n++) {
        int32_t v = c->owned[n];
        const Move *m = c->move + v;
        Mask where = feasible(c, w, v);
        if (!any(where)) continue;
        know(c, s, w, m->bundle);
        Row value = seen_by(c, w, m->view);
        EACH value.v[k] -= m->cost;
        if (m->paid >= 0) where = bargain(c, s, w, v, &value, where);
        EACH {
            V noisy = value.v[k] + c->noise * vnormal(w->word.v[k], m->decision_key);
            M better = where.v[k] & (noisy > best.v[k]);
            best.v[k] = choose(better, noisy, best.v[k]);
            choice.v[k] = (better & v) | (~better & choice.v[k]);
        }
    }
    for (int32_t n = from; n < c->owned_end[i]; n++) {
        Mask chosen;
        EACH chosen.v[k] = choice.v[k] == c->owned[n];
        if (any(chosen)) act(c, w, c->owned[n], chosen);
    }
}

static inline void move_to(const Case *c, Block *w, int32_t issue, Row x) {
    Mask moved;
    EACH moved.v[k] = x.v[k] != w->z[issue].v[k];
    if (any(moved)) w->known &= ~c->readers[issue];
    w->z[issue] = x;
}

static inline void add_changes(const Case *c, Block *w, int32_t b, const Row *scale, Mask made) {
    const Bundle *bundle = c->bundle + b;
    for (int32_t n = bundle->changes; n < bundle->changes_end; n++) {
        const Row *x = w->z + c->change[n].issue, *target = aim(c, w, n);
        Row *delta = w->delta + c->change[n].issue;
        if (scale) EACH delta->v[k] += masked(made.v[k], scale->v[k] * (target->v[k] - x->v[k]));
        else EACH delta->v[k] += masked(made.v[k], target->v[k] - x->v[k]);
    }
}

static inline void take_changes(const Case *c, Block *w, int32_t b) {
    const Bundle *bundle = c->bundle + b;
    for (const Change *r = c->change + bundle->changes; r < c->change + bundle->changes_end; r++) {
        Row x;
        EACH x.v[k] = vclip(w->z[r->issue].v[k] + w->delta[r->issue].v[k]);
        move_to(c, w, r->issue, x);
        w->delta[r->issue] = (Row){};
    }
}

static void apply_moves(const Case *c, Block *w) {
    Row *price = w->z + c->quantities - c->moves;
    for (int32_t n = 0; n < w->takes; n++) {
        int32_t v = w->taken[n];
        const Move *m = c->move + v;
        add_changes(c, w, m->bundle, NULL, w->made[v]);
        if (m->paid < 0) continue;
        add_changes(c, w, m->paid, w->tau + v, w->made[v]);
        EACH price[v].v[k] = choose(w->made[v].v[k], w->tau[v].v[k], price[v].v[k]);
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
        Row rest = vaffine(c, r->rest, r->effects, r->effects_end, w->z);
        const Row *x = w->z + r->issue;
        EACH w->after[n].v[k] = vclip(x->v[k] + r->decay * (vclip(rest.v[k]) - x->v[k]));
    }
    for (int32_t n = 0; n < c->drifts; n++) move_to(c, w, c->drift[n].issue, w->after[n]);
}

static Mask everywhere(void) {
    Mask all;
    EACH all.v[k] = BROADCAST(M, -1);
    return all;
}

static void strike(const Case *c, Block *w) {
    for (const Shock *s = c->shock; s < c->shock + c->shocks; s++) {
        if (s->at >= 0 ? s->at != w->t : w->t < s->since || w->t > s->until) continue;
        Mask struck = vholds(c, s->requires_, s->requires_end, w->z, everywhere());
        if (!any(struck)) continue;
        if (s->at < 0) EACH struck.v[k] &= comes_up(w->word.v[k], s->key, s->hazard);
        if (!any(struck)) continue;
        const Bundle *b = c->bundle + s->bundle;
        for (const Change *r = c->change + b->changes; r < c->change + b->changes_end; r++) {
            Row x = vtarget(r, w->z);
            EACH x.v[k] = choose(struck.v[k], x.v[k], w->z[r->issue].v[k]);
            move_to(c, w, r->issue, x);
        }
    }
}

static Mask happens(const Case *c, const Block *w, const Outcome *o, Mask where) {
    if (o->move >= 0) {
        const Mask *result = o->made ? w->made + o->move : w->refused + o->move;
        EACH where.v[k] &= result->v[k];
    }
    if (o->at >= 0) EACH where.v[k] &= w->first[o->at].v[k] == w->t;
    if (o->after >= 0) EACH where.v[k] &= (w->first[o->after].v[k] >= 0) & (w->first[o->after].v[k] < w->t);
    return any(where) ? vholds(c, o->when, o->when_end, w->z, where) : where;
}

static void remember(const Case *c, Block *w) {
    int32_t left = 0;
    for (int32_t n = 0; n < w->waiting; n++) {
        int32_t o = w->pending[n], q = c->outcome[o].measure;
        w->pending[left++] = o;
        if (c->outcome[o].final && w->t != c->months - 1) continue;
        Mask waits, now;
        Row *measured = w->measured + o;
        EACH waits.v[k] = w->first[o].v[k] == -1;
        now = happens(c, w, c->outcome + o, waits);
        if (!any(now)) continue;
        EACH w->first[o].v[k] = (now.v[k] & w->t) | (~now.v[k] & w->first[o].v[k]);
        if (q >= 0) EACH measured->v[k] = choose(now.v[k], w->z[q].v[k], measured->v[k]);
        EACH waits.v[k] &= ~now.v[k];
        left -= !any(waits);
    }
    w->waiting = left;
}

static void play_month(const Case *c, const Shared *s, Block *w) {
    EACH w->word.v[k] = vmix(w->stream.v[k] + GOLDEN * (uint64_t)(w->t + 1));
    w->takes = 0;
    perceive(c, s, w);
    for (int32_t i = 0, from = 0; i < c->actors; from = c->owned_end[i++]) deliberate(c, s, w, i, from);
    apply_moves(c, w);
    drift(c, w);
    strike(c, w);
    remember(c, w);
    for (int32_t n = 0; n < w->takes; n++) w->made[w->taken[n]] = w->refused[w->taken[n]] = (Mask){};
}

static void begin(const Case *c, Block *w, uint64_t seed, uint64_t world) {
    for (int l = 0; l < WIDTH; l++) w->stream.v[l / 4][l % 4] = stream(seed, world + l);
    for (int32_t p = 0; p < c->pairs; p++)
        EACH w->factor[p].v[k] = 1.0 + c->sigma * vnormal(vmix(w->stream.v[k]), c->pair[p].key);
    memset(w->z, 0, c->quantities * sizeof *w->z);
    memset(w->counts, 0, c->moves * sizeof *w->counts);
    memset(w->refusals, 0, c->moves * sizeof *w->refusals);
    memset(w->measured, 0, c->outcomes * sizeof *w->measured);
    for (int32_t q = 0; q < c->issues; q++) EACH w->z[q].v[k] = BROADCAST(V, c->start[q]);
    for (int32_t v = 0; v < c->moves; v++) EACH w->aside[v].v[k] = BROADCAST(V, -1.0e9);
    for (int32_t o = 0; o < c->outcomes; o++) EACH w->first[o].v[k] = BROADCAST(M, -1);
    for (int32_t o = 0; o < c->outcomes; o++) w->pending[o] = o;
    for (int32_t r = 0; r < c->interests; r++) w->salient[r] = w->lost[r] = -1;
    for (int32_t n = 0; n < c->changes; n++) w->able[n] = -1;
    w->waiting = c->outcomes;
    w->known = 0;
}

static void keep(const Case *c, const Block *w, Outputs out, int64_t n, int l) {
    int k = l / 4;
    l %= 4;
    for (int32_t o = 0; o < c->outcomes; o++) {
        out.first[n * c->outcomes + o] = w->first[o].v[k][l];
        out.measured[n * c->outcomes + o] = w->measured[o].v[k][l];
    }
    for (int32_t v = 0; v < c->moves; v++) {
        out.made[n * c->moves + v] = w->counts[v].v[k][l];
        out.refused[n * c->moves + v] = w->refusals[v].v[k][l];
        out.price[n * c->moves + v] = w->z[c->quantities - c->moves + v].v[k][l];
    }
    for (int32_t q = 0; q < c->issues; q++) out.last[n * c->issues + q] = w->z[q].v[k][l];
}

static void *rows(char **rest, int64_t count) {
    void *here = *rest;
    *rest += count * sizeof(Row);
    return here;
}

static int32_t *ints(int32_t **rest, int64_t count) {
    int32_t *here = *rest;
    *rest += count;
    return here;
}

static Block new_block(const Case *c, char *d, int32_t *i) {
    return (Block){
        .z = rows(&d, c->quantities), .factor = rows(&d, c->pairs), .weight = rows(&d, c->pairs),
        .gain = rows(&d, c->gains), .delta = rows(&d, c->issues), .after = rows(&d, c->drifts),
        .tau = rows(&d, c->moves), .deal = rows(&d, c->moves), .aside = rows(&d, c->moves),
        .measured = rows(&d, c->outcomes), .salience = rows(&d, c->interests), .loss = rows(&d, c->interests),
        .target = rows(&d, c->changes), .made = rows(&d, c->moves), .refused = rows(&d, c->moves),
        .first = rows(&d, c->outcomes), .counts = rows(&d, c->moves), .refusals = rows(&d, c->moves),
        .taken = ints(&i, c->moves), .pending = ints(&i, c->outcomes), .salient = ints(&i, c->interests),
        .lost = ints(&i, c->interests), .able = ints(&i, c->changes),
    };
}

static size_t room(const Case *c) {
    return (c->quantities + 2 * c->pairs + c->gains + c->issues + c->drifts + 7 * c->moves + 2 * c->outcomes
            + 2 * c->interests + c->changes) * sizeof(Row);
}

/* Run worlds `from`, `from` + 1, ... of a seed; lanes beyond the last world are played and not kept. */
void run(const Case *c, uint64_t seed, int64_t from, int64_t worlds, int32_t months, Outputs out) {
    size_t bytes = (room(c) + 63) / 64 * 64;
    char *d = memset(aligned_alloc(64, bytes), 0, bytes);
    int32_t *i = calloc(c->moves + c->outcomes + 2 * c->interests + c->changes, sizeof(int32_t));
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
