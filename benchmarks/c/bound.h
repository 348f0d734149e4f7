/* The tables of one case as the C contestants take them, and the noise; benchmarks/flat.py writes the tables.

   Numbers stand in the rows, for they are the same in all worlds. A quantity is an issue, a driver, a leverage
   D[i, j] or a price, in that order. A bundle is a list of changes, shared by all moves that make the same ones; it
   has a gain for every actor that some use of it weighs. A view is how one actor adds up the gains of a bundle. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Outcomes that are as near as this are the same (E6). */
#define ROUNDING 1e-12

typedef struct { double factor; int32_t quantity, pad; } Effect;
typedef struct { double value; int32_t issue, to; } Change;
typedef struct { double bound; int32_t quantity, above, other, pad; } Condition;
typedef struct { double stake, alternatives; int32_t pair, effects, effects_end, pad; } Dependence;
typedef struct { int32_t quantity, by_world, rows, rows_end; uint64_t key; } Pair;
typedef struct { double position, salience; int32_t issue, effects, effects_end, by_world; } Interest;
typedef struct { int32_t interest, change; } Stake;
typedef struct { int32_t stakes, stakes_end; } Gain;
typedef struct { int32_t changes, changes_end, gains, gains_end; } Bundle;
typedef struct { int32_t pair, gain; } Term;
typedef struct { int32_t own, terms, terms_end, pad; } View;
typedef struct { uint64_t key; int32_t payer, view, paid_view, pad; } Consent;
typedef struct {
    double cost, chance;
    uint64_t decision_key, chance_key;
    int32_t bundle, view, requires_, requires_end, consents, consents_end;
    int32_t paid, payer_view, paid_view, payer_paid_view, fallback, mine, theirs, pad;
} Move;
typedef struct { double decay, rest; int32_t issue, effects, effects_end, pad; } Drift;
typedef struct { double hazard; uint64_t key; int32_t at, since, until, bundle, requires_, requires_end; } Shock;
typedef struct { int32_t when, when_end, move, made, at, after, measure, final; } Outcome;

typedef struct {
    int32_t months, issues, drivers, quantities, pairs, interests, gains, bundles, actors, moves, drifts, shocks,
        outcomes, changes;
    double phi, sigma, noise, patience;
    const double *start;      /* of every issue */
    const double *driven;     /* (months, drivers) */
    const Effect *effect;
    const Change *change;
    const Condition *condition;
    const Dependence *dependence;
    const Pair *pair;
    const Interest *interest;
    const Stake *stake;
    const Gain *gain;
    const Bundle *bundle;
    const Term *term;
    const View *view;
    const Consent *consent;
    const Move *move;
    const int32_t *owned;     /* moves by actor */
    const int32_t *owned_end; /* (actors), ends in `owned` */
    const Drift *drift;
    const Shock *shock;
    const Outcome *outcome;
    const uint64_t *readers;  /* (issues + drivers): the bundles whose gains read it, as bits of the first 64 */
} Case;

typedef struct {
    int16_t *first;   /* (worlds, outcomes) */
    double *measured; /* (worlds, outcomes) */
    int16_t *made;    /* (worlds, moves) */
    int16_t *refused; /* (worlds, moves) */
    double *price;    /* (worlds, moves) */
    double *last;     /* (worlds, issues) */
} Outputs;

static const uint64_t GOLDEN = 0x9E3779B97F4A7C15u;

static inline uint64_t mix(uint64_t h) {
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
    h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
    return h ^ (h >> 31);
}

static inline uint64_t stream(uint64_t seed, uint64_t world) { return mix(mix(seed + GOLDEN) + GOLDEN * (world + 1)); }

static inline uint64_t at_month(uint64_t word, uint64_t month) { return mix(word + GOLDEN * (month + 1)); }

static inline double normal(uint64_t word, uint64_t key) {
    uint64_t h = mix(word ^ key);
    int32_t sum = (int32_t)(h & 0xFFFF) + (int32_t)(h >> 16 & 0xFFFF) + (int32_t)(h >> 32 & 0xFFFF) + (int32_t)(h >> 48);
    return (double)(sum - 131070) * 2.6428997921303014e-05;
}

static inline double uniform(uint64_t word, uint64_t key) {
    return (double)(int64_t)(mix(word ^ key) >> 11) * 1.1102230246251565e-16;
}

static inline double clip(double v, double low, double high) {
    v = v > low ? v : low;
    return v < high ? v : high;
}

/* E7: p, the chance that a + noise is above 0. */
static inline double chance_positive(double a, double noise) {
    if (noise == 0.0) return a > 0.0 ? 1.0 : 0.0;
    double y = a / noise * 0.5773502691896258 + 2.0;
    double u = clip(y <= 2.0 ? y : 4.0 - y, 0.0, 2.0);
    double tail = u <= 1.0 ? u * u * u * u / 24.0 : ((((u * -3.0 + 16.0) * u - 24.0) * u + 16.0) * u - 4.0) / 24.0;
    return y <= 2.0 ? tail : 1.0 - tail;
}

/* E7: tau. */
static inline double settle_terms(double a, double b, double c, double e, double mine, double theirs) {
    double both = mine + theirs, omega = both != 0.0 ? mine / both : 0.5;
    if (b <= 0.0) return 0.0;
    if (e <= 0.0) return 1.0;
    return clip(omega * c / e - (1.0 - omega) * a / b, 0.0, 1.0);
}
