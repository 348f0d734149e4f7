/* What no world moves: worked out once for all worlds, month by month. */

#include "bound.h"

/* What is the same in every world, month by month. */
typedef struct {
    double *pair, *salience; /* (months, ...) */
    uint64_t *same;                   /* (months): bundles of which no driver has changed since the month before */
} Shared;

static inline double affine(const Case *c, double value, int32_t from, int32_t to, const double *z) {
    for (int32_t e = from; e < to; e++) value += c->effect[e].factor * z[c->effect[e].quantity];
    return value;
}

static inline double salience_of(const Case *c, const Interest *r, const double *z) {
    double s = affine(c, r->salience, r->effects, r->effects_end, z);
    return s > 0.0 ? s : 0.0;
}

static inline double dependence_of(const Case *c, const Pair *p, const double *z) {
    double D = 0.0;
    for (const Dependence *r = c->dependence + p->rows; r < c->dependence + p->rows_end; r++)
        D += r->stake * (1.0 - clip(affine(c, r->alternatives, r->effects, r->effects_end, z), 0.0, 1.0));
    return D;
}

static inline int holds(const Case *c, int32_t from, int32_t to, const double *z) {
    for (const Condition *r = c->condition + from; r < c->condition + to; r++) {
        double left = z[r->quantity], right = r->other < 0 ? r->bound : z[r->other];
        if (!(r->above ? left > right : left < right)) return 0;
    }
    return 1;
}

static inline double target(const Change *r, const double *z) {
    return r->to ? r->value : clip(z[r->issue] + r->value, 0.0, 1.0);
}

static void share_month(const Case *c, Shared *s, int32_t t, double *z) {
    const double *row = c->driven + t * c->drivers;
    memcpy(z + c->issues, row, c->drivers * sizeof *z);
    for (int32_t p = 0; p < c->pairs; p++)
        if (!c->pair[p].by_world) s->pair[t * c->pairs + p] = dependence_of(c, c->pair + p, z);
    for (int32_t r = 0; r < c->interests; r++)
        if (!c->interest[r].by_world) s->salience[t * c->interests + r] = salience_of(c, c->interest + r, z);
    s->same[t] = ~0ull;
    for (int32_t m = 0; t && m < c->drivers; m++)
        if (row[m] != row[m - c->drivers]) s->same[t] &= ~c->readers[c->issues + m];
}

static Shared new_shared(const Case *c) {
    Shared s = {
        .pair = calloc((size_t)c->months * c->pairs, sizeof(double)),
        .salience = calloc((size_t)c->months * c->interests, sizeof(double)),
        .same = calloc(c->months, sizeof(uint64_t)),
    };
    double *z = calloc(c->quantities, sizeof(double));
    for (int32_t t = 0; t < c->months; t++) share_month(c, &s, t, z);
    free(z);
    return s;
}

static void free_shared(Shared *s) { free(s->pair), free(s->salience), free(s->same); }
