"""What a sweep varies: read as it is written, whole, or refused with what would be right."""

import numpy as np
import pytest

import realpolitik as rp
from realpolitik.scenario import parse_setting
from realpolitik.sweeps import Levels, Span, parse_vary
from realpolitik.sweeps.designs import MOST_LEVELS, factors_of
from sweeping import SMALL

SCENARIO = rp.load(SMALL)


def test_an_unknown_path_is_said_to_be_unknown_with_and_without_a_range() -> None:
    """A misspelt path is no path without a range: both ways of `--vary` say what may have been meant."""
    for text in ("theory.ph", "theory.ph=0:1"):
        with pytest.raises(rp.ScenarioError, match=r"unknown path 'theory.ph'; did you mean 'theory.phi'\?"):
            factors_of(SCENARIO, [parse_vary(text, SCENARIO)])


def test_every_level_of_a_long_list_is_swept():
    """As many levels as a factor may have are read, however long the text."""
    levels = tuple((1000 + n) / 1000 for n in range(MOST_LEVELS))
    text = "theory.phi=" + ", ".join(f"{level:.12f}" for level in levels)
    (found,) = factors_of(SCENARIO, [parse_vary(text, SCENARIO)])
    assert found == Levels("theory.phi", levels)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "theory.phi=" + ",".join(f"{n}.5" for n in range(1001)),
            "1,001 levels; a factor has 1,000 at most",
        ),
        ("theory.phi=" + "1.5," * 30_000, "is too long: 120,011 characters, 100,000 at most"),
    ],
)
def test_too_many_levels_are_refused_with_the_figure(text, says):
    """No list is cut: one that is too long is refused, and the message says how long it is."""
    with pytest.raises(ValueError, match=says):
        parse_vary(text, SCENARIO)


def test_a_setting_that_is_too_long_is_refused_not_cut():
    """A value that is cut would be another value."""
    with pytest.raises(ValueError, match="is too long: 2,001 characters, 2,000 at most"):
        parse_setting("theory.phi=1." + "0" * 1986 + "15")


@pytest.mark.parametrize("value", ["0,8", "0,8,1,2", "1,2,3", "-1,5", "10,25e-1", "0, 8,5", "0.5:2,5", "0,5:2,5"])
def test_what_may_be_a_decimal_comma_is_refused(value):
    """A comma that may be a decimal one is never read as a separator: the message asks for a decimal point."""
    with pytest.raises(ValueError, match="decimal point"):
        parse_vary(f"theory.phi={value}", SCENARIO)


@pytest.mark.parametrize(
    ("value", "levels"),
    [
        ("0.0,8", (0.0, 8.0)),
        ("0, 8", (0.0, 8.0)),
        ("0.8,1.2", (0.8, 1.2)),
        ("1,1.5,2", (1.0, 1.5, 2.0)),
        ("1e-1,1e0", (0.1, 1.0)),
    ],
)
def test_levels_whose_commas_can_only_separate_are_read(value, levels):
    """A decimal point, a space or an exponent before the comma shows that it separates."""
    assert parse_vary(f"theory.phi={value}", SCENARIO) == Levels("theory.phi", levels)


def test_a_decimal_comma_in_a_setting_is_refused_with_a_hint():
    """`--set theory.phi=0,8` is refused, and the message says what is wrong with the number."""
    with pytest.raises(ValueError, match="must be a number, not '0,8'; write a decimal point, not a comma"):
        SCENARIO.set([parse_setting("theory.phi=0,8")])


@pytest.mark.parametrize("value", ["0.5:2@2030-06", "0.5,2@2030-06", "1@2030-06"])
def test_a_month_in_what_is_varied_is_refused(value):
    """A sweep varies numbers from the start; a month is not dropped without a word."""
    with pytest.raises(ValueError, match="a sweep varies a number from the start; leave out the month"):
        parse_vary(f"theory.phi={value}", SCENARIO)


def test_numbers_of_numpy_are_numbers():
    """Spans and levels may be NumPy scalars or arrays; they are kept as Python's own floats."""
    phi, sigma = np.linspace(0.5, 2.0, 4, dtype=np.float32), (np.float64(0.1), np.int64(1))
    found = factors_of(SCENARIO, {"theory.phi": phi, "theory.sigma": sigma})
    assert found == (Levels("theory.phi", (0.5, 1.0, 1.5, 2.0)), Span("theory.sigma", 0.1, 1.0))
    assert {type(number) for number in (*found[0].levels, found[1].low, found[1].high)} == {float}
    assert factors_of(SCENARIO, [Levels("theory.phi", tuple(phi))]) == found[:1]


@pytest.mark.parametrize("values", [(False, True), [True, False], None, "0:1", 3, [1.0, None], [float("nan"), 1.0]])
def test_what_is_no_number_is_refused(values):
    """Truth values, nothing at all and NaN are not varied."""
    with pytest.raises(ValueError, match=r"theory\.phi: "):
        factors_of(SCENARIO, {"theory.phi": values})


@pytest.mark.parametrize("path", ["moves.sell.label", "interests.upland_ferry.reason", "meta.title", "claims.C01.text"])
def test_a_text_that_no_world_depends_on_is_not_varied(path):
    """Levels of a label, a reason or a claim would all give the same worlds; those of a rule do not."""
    with pytest.raises(rp.ScenarioError, match=rf"{path}: no world depends on it; vary a number"):
        factors_of(SCENARIO, {path: ["a", "b"]})
    assert factors_of(SCENARIO, {"theory.loss": ["linear", "quadratic"], "moves.sell.until": ["2030-06", "2030-07"]})
