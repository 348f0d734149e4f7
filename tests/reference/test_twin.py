"""Known answers: the twin against arithmetic done by hand."""

from fractions import Fraction
from math import comb

import pytest

from reference import equations as eq
from reference.noise import MASK, G, S, draw, fnv1a, hashed, mix, normal, uniform
from reference.twin import run

# --- Tiny scenarios ---


def tiny(months=6, theory=(), **tables):
    """Make a scenario without noise and misperception in which everybody minds only itself."""
    quiet = {"phi": 1.0, "sigma": 0.0, "noise": 0.0, "patience": 2.0, "weights": "self-interest"}
    return {
        "meta": {"start": "2020-01", "end": f"2020-{months:02d}"},
        "theory": quiet | dict(theory),
        "actors": {"i": {}, "j": {}},
        "issues": {"land": {"start": 0.5}, "gold": {"start": 0.0}},
    } | tables


def want(actor, issue, position, salience=1.0):
    """Write one row of interest."""
    return {"actor": actor, "issue": issue, "position": position, "salience": salience}


def one(document, **options):
    """Run world 0 of seed 0."""
    return run(document, seed=0, world=0, **options)


# --- Noise ---


def test_mix_is_splitmix64():
    """The first two outputs of the published splitmix64 from seed 0 come out."""
    assert mix(G) == 0xE220A8397B1DCDAF
    assert mix(2 * G & MASK) == 0x6E789E6AA1B965F4


@pytest.mark.parametrize(
    ("text", "h"),
    [("", 0xCBF29CE484222325), ("a", 0xAF63DC4C8601EC8C), ("foobar", 0x85944171F73967E8)],
)
def test_fnv1a_is_the_published_one(text, h):
    """The test vectors of FNV-1a come out."""
    assert fnv1a(text) == h


@pytest.mark.parametrize(
    ("seed", "world", "month", "purpose", "h", "eps", "u"),
    [
        (0, 0, -1, "misperception/Moscow/Baku", 0x614C83699744DD3D, 0.6036383125225608, 0.38007375076201144),
        (7, 63, 11, "decision/Baku/offensive", 0xB0DD8BEAF33F98A1, 1.3576311942194146, 0.69088053213204),
        (2**63 - 1, 2**31, 0, "chance/é", 0x09950865461BF4A4, -1.2129060016023592, 0.037430309987129595),
    ],
)
def test_hash_known_answers(seed, world, month, purpose, h, eps, u):
    """Three draws are those that were computed once with numpy's unsigned integers."""
    assert hashed(seed, world, month, purpose) == h
    assert normal(h) == eps
    assert uniform(h) == u


def test_normal_is_symmetrical_and_bounded():
    """No draw lies beyond 3.4642 standard deviations, and the two ends mirror each other."""
    assert normal(MASK) == -normal(0) == 131070 * S
    assert 3.464 < normal(MASK) < 3.4642


def test_noise_has_mean_0_and_variance_1():
    """Forty thousand draws over months and worlds have the moments of a standard normal, within 4 errors."""
    n = 40_000
    draws = [normal(hashed(1, k // 200, k % 200, "decision/i/v")) for k in range(n)]
    mean = sum(draws) / n
    assert abs(mean) < 4 / n**0.5
    assert abs(sum((v - mean) ** 2 for v in draws) / n - 1) < 4 * (1.7 / n) ** 0.5


def test_purposes_worlds_and_months_are_unrelated():
    """Draws that differ in one key only are uncorrelated, within 4 errors."""
    n = 10_000

    def product(world, month, purpose):
        pairs = [(hashed(1, 0, k, "consent/i/v"), hashed(1, world, k + month, purpose)) for k in range(n)]
        return sum(normal(g) * normal(h) for g, h in pairs) / n

    assert abs(product(1, 0, "consent/i/v")) < 4 / n**0.5
    assert abs(product(0, 1, "consent/i/v")) < 4 / n**0.5
    assert abs(product(0, 0, "consent/i/w")) < 4 / n**0.5


def test_draw_spans_its_range():
    """The world's draw of a number is low plus its uniform share of the range."""
    assert draw(7, 63, "theory.phi", 0.2, 0.7) == 0.490780111042685
    assert draw(7, 63, "theory.phi", 0.5, 0.5) == 0.5


# --- E1 ---


@pytest.mark.parametrize(("tt", "value"), [(-9, 0.2), (0, 0.2), (1, 0.4), (2.5, 0.7), (4, 1.0), (99, 1.0)])
def test_e1_path_is_linear_between_its_points(tt, value):
    """From 0.2 in month 0 to 1.0 in month 4, a path rises by 0.2 a month and is flat outside."""
    assert eq.path_at([(0, 0.2), (4, 1.0)], tt) == pytest.approx(value, abs=1e-15)


def test_e1_shift_moves_a_driver_later():
    """A step from 0 in January to 1 in March, one and a half months later, passes 0.25 in March."""
    path = {"2020-01": 0.0, "2020-03": 1.0}
    twin = one(tiny(drivers={"war": {"path": path, "shift": 1.5, "scale": 1.0}}))
    assert [row["war"] for row in twin.drivers] == [0.0, 0.0, 0.25, 0.75, 1.0, 1.0]


def test_e1_scale_is_clipped():
    """Twice a path of 0.75 is 1."""
    assert eq.e1_driver(2.0, 0.75) == 1.0


def test_e1_season_comes_back_every_year():
    """With only December at 1, half a month before December and half a month after it a season reads 0.5."""
    season = [0.0] * 11 + [1.0]
    document = tiny(months=3, drivers={"winter": {"season": season, "shift": 0.5}})
    document["meta"] = {"start": "2019-11", "end": "2021-01"}
    values = [row["winter"] for row in one(document).drivers]
    assert values == [0.0, 0.5, 0.5] + [0.0] * 10 + [0.5, 0.5]


# --- E2, E3 ---


def less(alternatives):
    """Write alternatives that grow by half of the war."""
    return {"value": alternatives, "effects": {"war": 0.5}}


def test_e2_dependence_adds_up_channels():
    """2 * (1 - (0.25 + 0.5 * 0.5)) + 1 * (1 - clip(0.9 + 0.5 * 0.5)) = 1 + 0."""
    row = {"dependent": "i", "provider": "j"}
    rows = [row | {"stake": 2.0, "alternatives": less(0.25)}, row | {"stake": 1.0, "alternatives": less(0.9)}]
    D = eq.e2_dependence(["i", "j"], rows, {"war": 0.5})
    assert D["i", "j"] == 1.0
    assert D["j", "i"] == 0.0


def test_e2_is_recorded_as_leverage_of_the_provider():
    """What i needs of j is the leverage of j over i, and not the reverse."""
    need = {"need": {"dependent": "i", "provider": "j", "stake": 2.0, "alternatives": 0.25}}
    twin = one(tiny(months=1, dependence=need))
    assert twin.leverage == {("j", "i"): [1.5], ("i", "j"): [0.0]}


def test_e3_salience_never_falls_below_0():
    """0.5 - 2 * 0.5 is held at 0, and 0.5 - 0.5 * 0.5 is 0.25."""
    assert eq.e3_salience({"salience": {"value": 0.5, "effects": {"war": -2.0}}}, {"war": 0.5}) == 0.0
    assert eq.e3_salience({"salience": {"value": 0.5, "effects": {"war": -0.5}}}, {"war": 0.5}) == 0.25


@pytest.mark.parametrize(("kind", "loss"), [("linear", 0.5), ("quadratic", 0.25)])
def test_e3_loss(kind, loss):
    """At 0.25 from a position of 0.75, the loss is 0.5 or its square."""
    assert eq.e3_loss(kind, 0.25, 0.75) == loss


# --- E4 ---

CAPABILITY = {"a": 1.0, "b": 2.0, "c": 5.0}
D3 = {("a", "b"): 1.0, ("a", "c"): 2.0, ("b", "a"): 3.0, ("b", "c"): 4.0, ("c", "a"): 5.0, ("c", "b"): 6.0}
EPS = dict.fromkeys(D3, 0.5)


@pytest.mark.parametrize(
    ("rule", "weights"),
    [
        ("leverage", {("a", "b"): 0.5, ("a", "c"): 1.0, ("b", "a"): 1.5, ("c", "b"): 3.0}),
        ("self-interest", {("a", "b"): 0.0, ("a", "c"): 0.0, ("b", "a"): 0.0, ("c", "b"): 0.0}),
        ("capability", {("a", "b"): 0.125, ("a", "c"): 0.3125, ("b", "a"): 0.0625, ("c", "b"): 0.125}),
        ("placebo", {("a", "b"): 1.0, ("a", "c"): 0.5, ("b", "a"): 2.0, ("c", "b"): 2.5}),
    ],
)
def test_e4_weights_of_each_rule(rule, weights):
    """With phi 0.5: half the leverage, nothing, half the share of 8, half the leverage of the next actor."""
    theory = {"phi": 0.5, "sigma": 0.0, "weights": rule}
    assert {pair: eq.e4_weight(theory, CAPABILITY, D3, EPS, *pair) for pair in weights} == weights


@pytest.mark.parametrize(
    ("rule", "powers"),
    [
        ("leverage", {("a", "b"): 3.0, ("b", "a"): 1.0, ("c", "b"): 4.0}),
        ("self-interest", {("a", "b"): 1.0, ("b", "a"): 1.0, ("c", "b"): 1.0}),
        ("capability", {("a", "b"): 1.0, ("b", "a"): 2.0, ("c", "b"): 5.0}),
        ("placebo", {("a", "b"): 4.0, ("b", "a"): 2.0, ("c", "b"): 3.0}),
    ],
)
def test_e4_power_of_each_rule(rule, powers):
    """Bargaining power is what the other would lose, 1, one's capability, or what the next actor has."""
    assert {pair: eq.e4_power(rule, CAPABILITY, D3, *pair) for pair in powers} == powers


def test_e4_placebo_of_two_is_leverage():
    """With two actors there is no wrong owner."""
    D, two = {("a", "b"): 1.0, ("b", "a"): 3.0}, {"a": 1.0, "b": 1.0}
    for rule in ("leverage", "placebo"):
        theory = {"phi": 1.0, "sigma": 0.0, "weights": rule}
        assert eq.e4_weight(theory, two, D, EPS | {("b", "a"): 0.0}, "a", "b") == 1.0
        assert eq.e4_power(rule, two, D, "a", "b") == 3.0


def test_e4_misperception_scales_leverage_and_stops_at_0():
    """2 * (1 + 0.5 * 0.5) is 2.5, and 2 * (1 + 1 * -3) is seen as 0."""
    assert eq.perceived({"sigma": 0.5}, D3, EPS, "a", "c") == 2.5
    assert eq.perceived({"sigma": 1.0}, D3, {("a", "c"): -3.0}, "a", "c") == 0.0


# --- E5 ---


@pytest.mark.parametrize(
    ("loss", "own", "other", "value"), [("linear", 0.5, -0.25, 0.125), ("quadratic", 0.375, -0.3125, -0.0625)]
)
def test_e5_value_weighs_gains_and_takes_off_the_cost(loss, own, other, value):
    """At cost 0.125, 2 * (0.5 - 0.25) - 0.25 is 0.125, and squared 2 * (1/4 - 1/16) - (9/16 - 1/4) is -1/16."""
    document = tiny(
        months=1,
        theory={"weights": "leverage", "loss": loss},
        dependence={"need": {"dependent": "i", "provider": "j", "stake": 1.0, "alternatives": 0.0}},
        interests={"i": want("i", "land", 1.0, 2.0), "j": want("j", "land", 0.0)},
        moves={"take": {"actor": "i", "changes": {"land": {"by": 0.25}}, "cost": 0.125}},
    )
    twin = one(document)
    assert twin.moves_value == [{"take": value}]
    if value > 0:
        [decision] = twin.decisions
        assert (decision["own"], decision["through"], decision["result"]) == (own, {"j": other}, "done")
        assert decision["own"] + other - decision["cost"] == decision["value"] == value


def test_e5_gain_follows_all_rows_of_an_actor():
    """Two interests of one actor on one issue add up: 1 * 0.25 - 0.5 * 0.25 = 0.125."""
    rows = [want("i", "land", 1.0) | {"s": 1.0}, want("i", "land", 0.0) | {"s": 0.5}]
    assert eq.e5_gain("i", {"land": {"by": 0.25}}, {"land": 0.5}, rows, "linear") == 0.125


# --- E6 ---


def test_e6_takes_the_first_of_equals_and_nothing_at_0():
    """Of equal moves the first is taken, an infeasible one never, and one worth exactly 0 not at all."""
    assert eq.e6_choice({"none": None, "low": 1.0, "first": 2.0, "second": 2.0}) == "first"
    assert eq.e6_choice({"nil": 0.0, "none": None}) is None


def offer(**theory):
    """Let i ask month after month for what j will not give."""
    return tiny(
        months=8,
        theory=theory,
        interests={"i": want("i", "land", 1.0), "j": want("j", "land", 0.0)},
        moves={"ask": {"actor": "i", "changes": {"land": {"by": 0.25}}, "consent": ["j"]}},
    )


@pytest.mark.parametrize(
    ("patience", "months"), [(0.0, list(range(8))), (2.0, [0, 3, 6]), (2.5, [0, 3, 6]), (7.0, [0])]
)
def test_e6_a_refused_move_waits_out_patience(patience, months):
    """A move refused in month t comes back in the first month with t' - t above patience."""
    twin = one(offer(patience=patience))
    assert twin.refused == {"ask": months}
    assert twin.decisions[0]["consents"] == {"j": -0.25}
    assert {row["land"] for row in twin.issues} == {0.5}


def test_e6_consent_at_exactly_0_is_a_refusal():
    """An actor that does not care says no."""
    document = offer()
    del document["interests"]["j"]
    assert one(document).decisions[0]["result"] == "refused"


def test_e6_a_move_that_changes_nothing_is_not_made():
    """Two steps of 0.25 bring land from 0.5 to 1, and a third would change nothing."""
    document = offer()
    document["moves"]["ask"]["consent"] = []
    assert one(document).made == {"ask": [0, 1]}


WINDOWS = [
    (None, None, [0, 1, 2, 3]),
    ("2020-02", None, [1, 2, 3]),
    (None, "2020-02", [0, 1]),
    ("2020-02", "2020-03", [1, 2]),
    ("2019-01", "2030-01", [0, 1, 2, 3]),
    ("2020-06", "2020-02", []),
]


@pytest.mark.parametrize(("first", "last", "months"), WINDOWS)
def test_e6_a_move_keeps_to_its_window(first, last, months):
    """A move is made from the month of `from` through that of `until`, both included."""
    document = tiny(
        months=4,
        interests={"i": want("i", "land", 1.0)},
        moves={"step": {"actor": "i", "changes": {"land": {"by": 0.125}}, "from": first, "until": last}},
    )
    assert one(document).made == {"step": months}


SAID = {"a": 1.0, "b": -1.0, "c": 0.0, "d": 2.0}


@pytest.mark.parametrize(
    ("consent", "payers", "agreed"),
    [
        (["a", "d"], [], True),
        (["a", "c", "d"], [], False),
        ({"of": list(SAID), "need": 2.0}, [], True),
        ({"of": list(SAID), "need": 2.5}, [], False),
        ({"of": list(SAID), "need": 2.0}, ["b"], False),
        ({"of": list(SAID), "need": 2.0}, ["d"], True),
        ({"of": list(SAID), "need": 0.0}, [], True),
        ({"of": {"a": 0.1, "b": 5.0, "c": 5.0, "d": 0.2}, "need": 0.3}, [], True),
        ({"of": {"a": 0.1, "b": 5.0, "c": 5.0, "d": 0.2}, "need": 0.30001}, [], False),
    ],
)
def test_e6_votes(consent, payers, agreed):
    """Two of four say yes: enough for a need of 2, or of 0.1 + 0.2, but not against a payer."""
    asked = consent["of"] if isinstance(consent, dict) else consent
    assert eq.e6_agreed(consent, {j: SAID[j] for j in asked}, payers) == agreed


# --- E7 ---


@pytest.mark.parametrize("y", [Fraction(n, 8) for n in range(-1, 34)])
def test_e7_chance_is_the_irwin_hall_distribution(y):
    """The polynomials agree with the alternating sum of (-1)^k C(4, k) (y - k)^4 / 4! in exact fractions."""
    exact = sum((-1) ** k * comb(4, k) * max(y - k, 0) ** 4 for k in range(5)) / Fraction(24)
    assert eq.irwin_hall(float(y)) == pytest.approx(float(exact), abs=1e-15)


def test_e7_chance_is_symmetrical_in_value():
    """A fallback worth nothing is made every other month; one worth more than all noise always."""
    assert eq.e7_chance(0.0, 0.2) == 0.5
    assert eq.e7_chance(0.7, 0.2) == 1.0
    assert eq.e7_chance(-0.7, 0.2) == 0.0
    assert eq.e7_chance(0.1, 0.2) + eq.e7_chance(-0.1, 0.2) == pytest.approx(1.0, abs=1e-15)


def test_e7_chance_without_noise_is_a_certainty():
    """Without noise the fallback is made if its value is above 0, and not at 0."""
    assert [eq.e7_chance(A, 0.0) for A in (-0.1, -0.0, 0.0, 0.1)] == [0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize(("patience", "keep"), [(0.0, 1.0), (1.0, 0.5), (2.0, 0.25), (2.9, 0.25), (3.0, 0.125)])
def test_e7_keep_counts_whole_months(patience, keep):
    """With p = 1/2, half is kept for each whole month of patience."""
    assert eq.e7_keep(0.5, patience) == keep


@pytest.mark.parametrize(
    ("power_i", "power_j", "omega"), [(1.0, 3.0, 0.25), (0.0, 2.0, 0.0), (0.0, 0.0, 0.5), (-0.0, 0.0, 0.5)]
)
def test_e7_power_is_relative(power_i, power_j, omega):
    """Bargaining power is a share, and a half where neither has any."""
    assert eq.e7_omega(power_i, power_j) == omega


def trade(i_land=0.5, i_gold=1.0, j_gold=1.0, **theory):
    """Let i sell land it would rather keep for gold: A = -i_land/2, b = i_gold, c = 1/2, e = j_gold."""
    return tiny(
        months=1,
        theory=theory,
        interests={
            "i_land": want("i", "land", 0.0, i_land),
            "j_land": want("j", "land", 1.0),
            "i_gold": want("i", "gold", 1.0, i_gold),
            "j_gold": want("j", "gold", 0.0, j_gold),
        },
        moves={
            "sell": {
                "actor": "i",
                "changes": {"land": {"by": 0.5}},
                "consent": ["j"],
                "payment": {"from": "j", "changes": {"gold": {"by": 1.0}}},
            }
        },
    )


def test_e7_worked_example():
    """A = -1/4, b = 1, c = 1/2, e = 1, equal power: tau = 1/2 * 1/2 + 1/2 * 1/4 = 3/8, and each side gains 1/8."""
    twin = one(trade())
    [decision] = twin.decisions
    assert (decision["tau"], decision["value"], decision["consents"]) == (0.375, 0.125, {"j": 0.125})
    assert (decision["own"], decision["through"], decision["result"]) == (0.125, {"j": 0.0}, "agreed")
    assert twin.issues == [{"land": 1.0, "gold": 0.375}]
    assert twin.prices == {"sell": 0.375}


def test_e7_power_moves_the_price():
    """With capability 3 to 1, tau = 3/4 * 1/2 + 1/4 * 1/4 = 7/16 (phi 0, so that nothing but power changes)."""
    document = trade(weights="capability", phi=0.0)
    document["actors"] = {"i": {"capability": 3.0}, "j": {"capability": 1.0}}
    assert one(document).prices == {"sell": 0.4375}


def test_e7_a_payment_that_buys_nothing_is_not_paid():
    """With b = 0, tau is 0, and as A = -1/4 there is no deal; unpaid, the move is worth A and not made."""
    twin = one(trade(i_gold=0.0))
    assert (twin.terms[0]["b"], twin.terms[0]["tau"], twin.terms[0]["deal"]) == (0.0, 0.0, False)
    assert (twin.moves_value, twin.decisions) == ([{"sell": -0.25}], [])


def test_e7_a_payment_that_costs_nothing_is_paid_in_full():
    """With e = 0, tau is 1, and i gains A + b = 3/4."""
    twin = one(trade(j_gold=0.0))
    assert (twin.prices["sell"], twin.decisions[0]["value"]) == (1.0, 0.75)


def test_e7_nobody_pays_for_what_is_given_away():
    """If i would give the land away (p = 1), c' = 0 and it does so unpaid, unless j has no patience to wait."""
    gift = trade()
    gift["interests"]["i_land"]["position"] = 1.0
    twin = one(gift)
    [terms], [decision] = twin.terms, twin.decisions
    assert (terms["A"], terms["p"], terms["kept"], terms["deal"]) == (0.25, 1.0, {"j": 0.0}, False)
    assert (decision["value"], decision["tau"], decision["consents"]) == (0.25, 0.0, {"j": 0.5})
    assert twin.issues == [{"land": 1.0, "gold": 0.0}]
    gift["theory"]["patience"] = 0.0
    [terms] = one(gift).terms
    assert (terms["kept"], terms["tau"], terms["deal"]) == ({"j": 0.5}, 0.125, True)


def test_e7_without_a_deal_another_fallback_rules_a_move_out():
    """The same gift is not feasible if another move is what i would do otherwise: p = 1 again, and no deal."""
    gift = trade()
    gift["interests"]["i_land"]["position"] = 1.0
    gift["moves"]["give"] = gift["moves"]["sell"] | {"payment": None, "consent": []}
    gift["moves"]["sell"]["payment"]["fallback"] = "give"
    assert one(gift).moves_value == [{"sell": None, "give": 0.25}]


@pytest.mark.parametrize(("j_gold", "tau", "result"), [(0.25, 1.0, {"sell": 0.75}), (0.5, 0.0, {"sell": -0.25})])
def test_e7_a_payment_that_is_not_divisible(j_gold, tau, result):
    """All of it if i gains A + b = 3/4 and j gains c - e = 1/4; nothing if j would gain 0."""
    document = trade(j_gold=j_gold)
    document["moves"]["sell"]["payment"]["divisible"] = False
    twin = one(document)
    assert (twin.terms[0]["tau"], twin.moves_value) == (tau, [result])


@pytest.mark.parametrize(
    ("A", "b", "sides", "tau"),
    [
        (-0.5, 1.0, [(1.0, 0.5), (0.5, 0.25)], 1.0),
        (-0.5, 0.5, [(1.0, 0.5)], 0.0),
        (-0.5, 1.0, [(1.0, 0.5), (0.5, 0.5)], 0.0),
        (0.5, 0.0, [(1.0, 0.5)], 0.0),
    ],
)
def test_e7_all_or_nothing(A, b, sides, tau):
    """All is paid if the mover and every payer gain by it, and nothing if one of them gains 0."""
    assert eq.e7_whole(A, b, sides) == tau


def joint(i_gold=1.0, j_gold=1.0, k_salt=1.0):
    """Let i sell land for the gold of j and the salt of k: A = -1/4, b = 1 + i_gold, c = 1/2 each, e = 1 each."""
    document = trade(i_gold=i_gold, j_gold=j_gold)
    document["actors"]["k"] = {}
    document["issues"]["salt"] = {"start": 0.0}
    document["interests"] |= {
        "k_land": want("k", "land", 1.0), "k_salt": want("k", "salt", 0.0, k_salt), "i_salt": want("i", "salt", 1.0)
    }  # fmt: skip
    payers = {"j": {"gold": {"by": 1.0}}, "k": {"salt": {"by": 1.0}}}
    document["moves"]["sell"] |= {"consent": ["j", "k"], "payment": {"from": payers}}
    return document


def test_e7_several_payers_share_one_price():
    """Equal powers give i a half and the others a quarter: 1/(2 tau - 1/4) = (1/2)/(1/2 - tau) at tau = 5/16."""
    twin = one(joint())
    [decision] = twin.decisions
    assert decision["tau"] == pytest.approx(5 / 16, abs=1e-15)
    assert decision["consents"] == pytest.approx({"j": 3 / 16, "k": 3 / 16}, abs=1e-15)
    assert (decision["result"], twin.issues[0]["land"]) == ("agreed", 1.0)
    assert twin.issues[0]["gold"] == twin.issues[0]["salt"] == decision["tau"]


def test_e7_a_payer_that_cannot_gain_ends_a_joint_deal():
    """If the salt is worth 8 to k, tau would have to be below 1/16, where i does not gain: no deal."""
    [terms] = one(joint(k_salt=8.0)).terms
    assert (terms["deal"], terms["unpaid"], terms["tau"]) == (False, True, 0.0)


def test_e7_each_payer_feels_what_the_others_pay():
    """If j minds the salt of k by 1/4, its e is 5/4."""
    document = joint()
    document["interests"]["j_salt"] = want("j", "salt", 0.0, 0.25)
    assert one(document).terms[0]["e"] == {"j": 1.25, "k": 1.0}


def test_e7_powers_of_several_payers():
    """B of 3 and 1 with one payer, 2 and 2 with the other: of 8, the mover has 5 and the payers 1 and 2."""
    assert eq.e7_omegas([(3.0, 1.0), (2.0, 2.0)]) == (0.625, [0.125, 0.25])
    assert eq.e7_omegas([(0.0, -0.0), (0.0, 0.0)]) == (1 / 3, [1 / 3, 1 / 3])


@pytest.mark.parametrize(
    ("A", "b", "sides"),
    [(-0.5, 1.0, [(0.5, 1.0), (1.0, 0.0)]), (0.1, 1.0, [(0.0, 0.0), (1.0, 1.0)]), (-2.0, 1e-308, [(1.0, 1.0)] * 2)],
)
def test_e7_bisection_survives_an_empty_interval(A, b, sides):
    """Where nobody could agree, slopes are divided by 0, and tau is still a share."""
    assert 0.0 <= eq.e7_joint(A, b, sides, 0.5, [0.25, 0.25]) <= 1.0


def test_e7_the_outside_option_is_the_fallback():
    """A fallback worth 0 to i is made with p = 1/2; after two months c' = 1/8, tau = 1/16 + 1/8, too little for i."""
    document = trade(noise=0.05)
    document["issues"]["sea"] = {"start": 0.0}
    document["moves"]["sail"] = {"actor": "i", "changes": {"sea": {"to": 1.0}}}
    document["moves"]["sell"]["payment"]["fallback"] = "sail"
    [terms] = one(document).terms
    assert (terms["p"], terms["keep"], terms["kept"]) == (0.5, 0.25, {"j": 0.125})
    assert (terms["tau"], terms["mover"], terms["deal"]) == (0.1875, -0.0625, False)


# --- Foresight ---


def chain(foresight, j_cost=0.125, **theory):
    """Let i open a gate, which costs it 1/8 and brings it nothing; then j wants to march, and i wants that it does."""
    return tiny(
        months=3,
        theory={"foresight": foresight, "discount": 0.5} | theory,
        issues={"gate": {"start": 0.0}, "march": {"start": 0.0}},
        interests={
            "i": want("i", "march", 1.0),
            "j": want("j", "march", 1.0) | {"salience": {"value": 0.0, "effects": {"gate": 1.0}}},
        },
        moves={
            "open": {"actor": "i", "changes": {"gate": {"to": 1.0}}, "cost": 0.125},
            "go": {"actor": "j", "changes": {"march": {"to": 1.0}}, "cost": j_cost},
        },
    )


def test_foresight_sees_what_others_will_do():
    """With discount 1/2, the second of two months weighs 1/3: opening is worth 1/3 - 1/8, and nothing without it."""
    assert one(chain(0.0)).decisions == []
    decision, answer = one(chain(1.0)).decisions
    assert (decision["month"], decision["move"], decision["shortsighted"]) == (0, "open", None)
    assert decision["value"] == pytest.approx(1 / 3 - 1 / 8, abs=1e-15)
    assert decision["expects"] == {"held": [], "made": [(1, "j", "go", "done")], "paid": [(1, "j", "go", "done")]}
    assert {key: gain for key, gain in decision["gains"].items() if gain} == {("i", "march", 1): 1 / 3}
    assert (answer["month"], answer["move"]) == (1, "go")


def test_foresight_expects_the_others_to_be_shortsighted_and_never_lucky():
    """Nothing is expected of an answer worth exactly 0 or left to chance; one that is sure to come is."""
    assert one(chain(1.0, j_cost=1.0)).decisions == []
    risky = chain(1.0)
    risky["moves"]["go"]["chance"] = {"value": 0.0, "effects": {"gate": 0.999}}
    assert one(risky).moves_value[0]["open"] == -0.125
    risky["moves"]["go"]["chance"]["effects"]["gate"] = 1.5
    assert one(risky).decisions[0]["move"] == "open"


def test_foresight_knows_seasons_and_certain_shocks_but_no_dates():
    """A march is foreseen if the season makes j want it, or a shock of hazard 1; not a dated shock, nor a path."""
    winter = {"winter": {"season": [0.0, 1.0] + [0.0] * 10}}
    path = {"winter": {"path": {"2020-01": 0.0, "2020-02": 1.0}}}
    for drivers, value in ((winter, 1 / 3 - 0.125), (path, -0.125)):
        document = chain(1.0) | {"drivers": drivers}
        document["moves"]["go"]["requires"] = {"winter": {"above": 0.5}}
        assert one(document).moves_value[0]["open"] == pytest.approx(value, abs=1e-15)
    shock = {"changes": {"march": {"to": 1.0}}, "requires": {"gate": {"above": 0.5}}}
    for row, value in (
        ({"hazard": 1.0}, 1 - 0.125),
        ({"hazard": 0.9}, 1 / 3 - 0.125),
        ({"at": "2020-01"}, 1 / 3 - 0.125),
    ):
        document = chain(1.0) | {"shocks": {"flood": row | shock}}
        assert one(document).moves_value[0]["open"] == pytest.approx(value, abs=1e-15)


@pytest.mark.parametrize(
    ("window", "choices"),
    [
        ({"from": "2020-02"}, [(1, "j", "go", "done")]),
        ({"from": "2020-03"}, [(2, "j", "go", "done")]),
        ({"until": "2020-01"}, []),
    ],
)
def test_foresight_reads_windows_in_the_month_of_the_course(window, choices):
    """What j can do from next month on, or only until this month, is known to i."""
    document = chain(2.0, j_cost=0.0)
    document["moves"]["go"] |= window
    document["moves"]["open"]["cost"] = 0.0
    document["interests"]["i_gate"] = want("i", "gate", 1.0)
    assert one(document).decisions[0]["expects"]["made"] == choices


def test_foresight_waits_in_both_courses():
    """A move that brings 1/2 in every month is worth 1/2, not one month of it, though it could be made next month."""
    document = tiny(
        months=1,
        theory={"foresight": 3.0, "discount": 1.0},
        interests={"i": want("i", "land", 1.0)},
        moves={"step": {"actor": "i", "changes": {"land": {"to": 1.0}}}},
    )
    assert one(document).moves_value == [{"step": 0.5}]


def test_foresight_counts_the_decay_of_what_is_changed():
    """With half of it gone after each month, a gain of 1/2 is worth (1/4 + 1/8 * 1/2 + 1/16 * 1/4) / (7/4)."""
    document = tiny(
        months=1,
        theory={"foresight": 2.0, "discount": 0.5},
        issues={"land": {"start": 0.0, "decay": 0.5}},
        interests={"i": want("i", "land", 1.0)},
        moves={"step": {"actor": "i", "changes": {"land": {"to": 0.5}}}},
    )
    [values] = one(document).moves_value
    assert values["step"] == pytest.approx((1 / 4 + 1 / 16 + 1 / 64) / (7 / 4), abs=1e-15)


def test_foresight_knows_that_a_refusal_is_not_asked_again():
    """Asked in vain in the first month of a course, j's move waits for patience: one refusal in three months."""
    document = chain(3.0, patience=2.0)
    document["moves"]["go"]["consent"] = ["k"]
    document["actors"]["k"] = {}
    document["moves"]["open"]["cost"] = 0.0
    document["interests"]["i_gate"] = want("i", "gate", 1.0)
    assert one(document).decisions[0]["expects"]["made"] == [(1, "j", "go", "refused")]


def test_foresight_values_a_payment_by_its_own_course():
    """As the trade without foresight: land and gold stay where they are put, so A, b, c and e are the same."""
    plain, seen = one(trade()), one(trade(foresight=2.0, discount=0.5))
    assert seen.decisions[0]["tau"] == pytest.approx(plain.decisions[0]["tau"], abs=1e-15)
    assert seen.decisions[0]["value"] == pytest.approx(0.125, abs=1e-15)


@pytest.mark.parametrize(
    ("discount", "horizon", "beta"),
    [(0.5, 2, [4 / 7, 2 / 7, 1 / 7]), (0.0, 2, [1.0, 0.0, 0.0]), (1.0, 3, [0.25] * 4), (0.97, 0, [1.0])],
)
def test_beta(discount, horizon, beta):
    """Months ahead weigh less and less, and 1 together."""
    assert eq.e5_beta(discount, horizon) == beta


# --- Numbers that respond ---

TEN = [("actors", "capability"), ("issues", "decay"), ("issues", "rest"), ("dependence", "stake"),
       ("dependence", "alternatives"), ("interests", "position"), ("interests", "salience"), ("moves", "cost"),
       ("moves", "chance"), ("shocks", "hazard")]  # fmt: skip


@pytest.mark.parametrize("name", [name for _, name in TEN])
def test_numbers_respond_within_their_bounds(name):
    """0.25 + 0.5 * z, far beyond its bounds on either side; a number without effects is taken as it is."""
    row = {name: {"value": 0.25, "effects": {"z": 0.5, "y": 1.0}}}
    most = 100.375 if name in ("capability", "stake", "salience", "cost") else 1.0
    states = [{"z": 0.25, "y": 0.0}, {"z": 0.25, "y": -100.0}, {"z": 0.25, "y": 100.0}]
    assert [eq.responding(row, name, z) for z in states] == [0.375, 0.0, most]
    assert eq.responding({name: 7.0}, name, {}) == 7.0


def test_numbers_of_a_world_reach_value_and_effects():
    """The path of a number reaches its value, and that of an effect the effect."""
    row = {"dependent": "i", "provider": "j", "stake": 2.0, "alternatives": less(0.5)}
    document = tiny(months=1, drivers={"war": {"path": {"2020-01": 1.0}}}, dependence={"need": row})
    numbers = {"dependence.need.alternatives": 0.25, "dependence.need.alternatives.effects.war": 0.25}
    assert one(document, numbers=numbers).leverage["j", "i"] == [1.0]


def test_hazards_respond_to_the_shock_before():
    """A second shock is certain once the first has struck, in the same month."""
    shocks = {
        "one": {"at": "2020-02", "changes": {"gold": {"to": 1.0}}},
        "two": {"hazard": {"value": 0.0, "effects": {"gold": 1.0}}, "changes": {"land": {"to": 0.0}}},
    }
    assert one(tiny(months=3, shocks=shocks)).struck == {"one": [1], "two": [1, 2]}


# --- E8 ---


def test_e8_moves_settle_together():
    """From 0.25, a step of 0.25 and two leaps to 1 and to 0 add up to 0.25 + 0.25 + 0.75 - 0.25 = 1."""
    moves = [({"land": {"by": 0.25}}, {}, 0.0), ({"land": {"to": 1.0}}, {}, 0.0), ({"land": {"to": 0.0}}, {}, 0.0)]
    assert eq.e8_apply({"land": 0.25}, moves) == {"land": 1.0}
    assert eq.e8_apply({"land": 0.25}, moves[1:]) == {"land": 0.75}


def test_e8_settles_in_the_order_of_moves():
    """With steps of 0.3, 0.2 and 0.1 listed so, land rises by (0.3 + 0.2) + 0.1 = 0.6, not by 0.6000000000000001."""
    steps = {"k": 0.3, "j": 0.2, "i": 0.1}
    document = tiny(
        months=1,
        interests={a: want(a, "gold", 1.0) for a in steps},
        moves={f"by_{a}": {"actor": a, "changes": {"gold": {"by": step}}} for a, step in steps.items()},
    )
    document["actors"]["k"] = {}
    assert one(document).issues[0]["gold"] == 0.6 != (0.1 + 0.2) + 0.3


def test_e8_payments_are_scaled():
    """A payment of 0.5 at tau = 1/4 moves gold by 1/8."""
    accepted = [({"land": {"by": 0.25}}, {"gold": {"by": 0.5}}, 0.25)]
    assert eq.e8_apply({"land": 0.0, "gold": 0.0}, accepted) == {"land": 0.25, "gold": 0.125}


def test_e8_issues_drift_from_the_same_outcomes():
    """Land goes half the way from 0.5 to 1/4 + 1/2 * gold, with gold at the 1 it stood at before its own drift."""
    issues = {
        "gold": {"decay": 0.5, "rest": 0.0},
        "land": {"decay": 0.5, "rest": {"value": 0.25, "effects": {"gold": 0.5}}},
    }
    assert eq.e8_decay({"gold": 1.0, "land": 0.5}, {}, issues) == {"gold": 0.5, "land": 0.625}


def test_e8_shocks_strike_one_after_the_other():
    """The second shock of a month sees what the first one did."""
    up = {"at": "2020-02", "changes": {"gold": {"by": 0.5}}}
    document = tiny(months=3, shocks={"one": up, "two": up | {"requires": {"gold": {"above": 0.25}}}})
    assert [row["gold"] for row in one(document).issues] == [0.0, 1.0, 1.0]


def test_e8_a_random_shock_keeps_to_its_window():
    """A hazard of 1 strikes each month from `from` through `until`."""
    row = {"hazard": 1.0, "from": "2020-02", "until": "2020-04", "changes": {"gold": {"to": 1.0}}}
    assert one(tiny(shocks={"storm": row})).struck == {"storm": [1, 2, 3]}


# --- Record ---

RISE = {"rise": {"at": "2020-02", "changes": {"gold": {"to": 1.0}}}}
RICH = {"when": {"gold": {"above": 0.5}}}


def test_an_outcome_happens_once_with_its_measure_in_that_month():
    """Gold is above 0.5 from month 1 on; the outcome happens in month 1 and is worth 1."""
    twin = one(tiny(shocks=RISE, outcomes={"rich": RICH | {"measure": "gold"}}))
    assert (twin.first, twin.value) == ({"rich": 1}, {"rich": 1.0})


def test_at_is_the_same_month_and_after_a_later_one():
    """`at` goes with the outcome before it, `after` waits one month, and `at` a later row never comes."""
    outcomes = {"early": {"at": "rich"}, "rich": RICH, "at": {"at": "rich"}, "after": {"after": "rich"}}
    assert one(tiny(shocks=RISE, outcomes=outcomes)).first == {"early": -1, "rich": 1, "at": 1, "after": 2}


def test_a_measure_alone_is_taken_in_the_last_month():
    """Of six months the last is 5, and an outcome that never happened has no value."""
    outcomes = {"end": {"measure": "gold"}, "never": {"when": {"gold": {"below": 0.0}}, "measure": "gold"}}
    twin = one(tiny(shocks=RISE, outcomes=outcomes))
    assert (twin.first, twin.value) == ({"end": 5, "never": -1}, {"end": 1.0, "never": None})


def test_an_outcome_waits_for_the_result_of_its_move():
    """The ask is refused in month 0 and never made."""
    results = {result: {"move": "ask", "result": result} for result in ("made", "refused")}
    assert one(offer() | {"outcomes": results}).first == {"made": -1, "refused": 0}


def test_outcomes_see_prices_of_this_month():
    """The price agreed in month 0 is there to be tested in month 0."""
    outcomes = {"paid": {"when": {"price:sell": {"above": 0.3}}, "measure": "price:sell"}}
    twin = one(trade() | {"outcomes": outcomes})
    assert (twin.first, twin.value) == ({"paid": 0}, {"paid": 0.375})


# --- Forks, numbers, prefixes ---


def test_a_fork_leaves_everything_before_it_untouched():
    """From March on the step is 0.125 instead of 0.25; numbers of a world hold from the start."""
    document = offer()
    document["moves"]["ask"]["consent"] = []
    forks = [("2020-02", {"moves.ask.changes.land.by": 0.125})]
    twin = one(document, forks=forks, numbers={"issues.land.start": 0.25})
    assert [row["land"] for row in twin.issues[:4]] == [0.5, 0.625, 0.75, 0.875]


def test_the_later_fork_wins():
    """Forks apply by month, whatever the order in which they are listed."""
    late, early = ("2020-03", {"issues.gold.rest": 0.5}), ("2020-02", {"issues.gold.rest": 1.0})
    document = tiny(months=3)
    document["issues"]["gold"]["decay"] = 1.0
    for forks in ([late, early], [early, late]):
        assert [row["gold"] for row in one(document, forks=forks).issues] == [0.0, 1.0, 0.5]


def test_until_gives_a_prefix():
    """A run that stops early is the beginning of the whole run."""
    whole, part = one(offer()), one(offer(), until="2020-03")
    assert part.issues == whole.issues[:3]
    assert part.decisions == [d for d in whole.decisions if d["month"] < 3]


def test_an_absent_key_and_none_are_its_default():
    """None in an optional key means what leaving it out means."""
    document = trade()
    document["moves"]["sell"] |= {"requires": None, "cost": None}
    document["moves"]["sell"]["payment"]["fallback"] = None
    document |= {"drivers": None, "shocks": None}
    assert one(document) == one(trade())
