"""Sweeps: the same rows however they are cut and shared out, and every row the world it says it is."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import realpolitik as rp
from realpolitik_model import simulate
from sweeping import SMALL, sums

VARY = {
    "theory.phi": (0.5, 2.0),
    "theory.weights": ["leverage", "capability", "self-interest"],
    "theory.patience": [1, 6],
}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """One sweep over a span, a list of numbers and three theories."""
    return rp.sweep(SMALL, tmp_path_factory.mktemp("sweep") / "D", vary=VARY, points=60, worlds=16, seed=3)


def test_every_row_is_the_world_that_an_ordinary_run_plays(swept):
    """A row's outcomes and final issues are, to the bit, those of its world run by itself with its numbers."""
    frame = swept.frame()
    for row in (0, 17, 500, 959):
        scenario, numbers, world = swept.row(row)
        case = scenario.case()
        alone = simulate(case, np.array([world]), seed=3, numbers={p: np.array([v]) for p, v in numbers.items()})
        for o, name in enumerate(case.outcomes):
            month = frame.at[row, name]
            assert (-1 if month is pd.NA else month) == alone.first[0, o]
        for k, name in enumerate(case.issues):
            assert frame.at[row, f"final.{name}"] == alone.final[0, k]


def test_a_row_explained_has_the_outcomes_of_the_row(swept):
    """The story of a row has the months in the table."""
    frame, case = swept.frame(), swept.scenario.case()
    for row in (5, 123, 700):
        explained = {name: case.month_of(date) for date, name in swept.explain(row, flips=False).events}
        kept = {name: int(frame.at[row, name]) for name in case.outcomes if frame.at[row, name] is not pd.NA}
        assert explained == kept


def test_the_same_rows_with_any_workers_and_chunks(swept, tmp_path):
    """One worker, three, chunks of 100 or 10,000: the same rows."""
    expected = swept.frame()
    for workers, chunk in ((1, 100), (3, 7), (2, 10_000)):
        other = rp.sweep(
            SMALL, tmp_path / str(chunk), vary=VARY, points=60, worlds=16, seed=3, chunk=chunk, workers=workers
        )
        pd.testing.assert_frame_equal(other.frame(), expected, check_exact=True)


def test_the_same_bytes_with_any_workers(tmp_path):
    """The files themselves do not depend on who made them, or in which order they were finished."""
    folders = [tmp_path / name for name in ("one", "three", "mine")]
    asked = {"vary": VARY, "points": 60, "worlds": 16, "chunk": 100}
    rp.sweep(SMALL, folders[0], workers=1, **asked)
    rp.sweep(SMALL, folders[1], workers=3, **asked)
    with ThreadPoolExecutor(2) as mine:
        rp.sweep(SMALL, folders[2], executor=mine, **asked)
    assert sums(folders[0]) == sums(folders[1]) == sums(folders[2])


def test_points_are_the_shares_and_means_of_their_worlds(swept, tmp_path):
    """`keep="points"` holds what the worlds add up to, and to the bit the same for any chunk."""
    asked = {"vary": VARY, "points": 60, "worlds": 16, "seed": 3, "keep": "points"}
    one, two = (rp.sweep(SMALL, tmp_path / str(chunk), chunk=chunk, **asked).frame() for chunk in (1, 400))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    worlds = swept.frame()
    for name in swept.outcomes:
        share = worlds[name].notna().groupby(worlds["point"]).mean()
        np.testing.assert_allclose(one[name], share)
    issue = next(column for column in one if column.startswith("final."))
    np.testing.assert_allclose(one[issue], worlds.groupby("point")[issue].mean())


def test_noise_is_common_to_all_points(tmp_path):
    """World w has the same noise at every point: where the numbers hardly differ, worlds hardly do."""
    vary = {"theory.phi": [1.0, 1.0 + 2**-52]}
    frame = rp.sweep(SMALL, tmp_path / "D", vary=vary, design="grid", points=2, worlds=64).frame()
    one, two = (frame[frame["point"] == p].filter(regex="^final").to_numpy() for p in (0, 1))
    assert len(np.unique(one, axis=0)) > 1
    assert (abs(one - two) < 1e-6).all(axis=1).mean() > 0.9


def test_frames_and_arrays_hold_the_same_rows(swept):
    """Pandas and xarray agree on every value; -1 stands for never in the array."""
    frame, array = swept.frame(), swept.to_xarray()
    assert array.sizes == {"point": 60, "world": 16}
    name = swept.outcomes[0]
    np.testing.assert_array_equal(array[name].to_numpy().ravel(), frame[name].fillna(-1).astype(int))
    np.testing.assert_array_equal(array["theory.phi"], frame["theory.phi"].to_numpy()[::16])
    assert len(swept.points()) == 60


def test_polars_frames(swept):
    """Polars reads the same rows."""
    pytest.importorskip("polars")
    assert swept.polars().height == len(swept.frame())


def test_a_finished_sweep_is_not_run_again(swept, monkeypatch):
    """The same call on a complete folder computes nothing and changes no file."""
    before = sums(swept.folder.path)
    monkeypatch.setattr("realpolitik.sweeps.driver.chunk_of", lambda *_: pytest.fail("a chunk was computed again"))
    rp.sweep(SMALL, swept.folder.path, vary=VARY, points=60, worlds=16, seed=3)
    assert sums(swept.folder.path) == before


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"seed": 4}, "seed: 3 -> 4"),
        ({"points": 61}, "design.points: 60 -> 61"),
        ({"set": {"theory.noise": 0.2}}, r"theory.noise: 0.05 -> 0.2"),
        ({"design": "lhs"}, 'design.kind: "sobol" -> "lhs"'),
    ],
)
def test_another_sweep_in_the_same_folder_is_refused(swept, changed, shown):
    """A changed scenario, seed or design is refused with the difference, and the folder is left as it was."""
    before = sums(swept.folder.path)
    with pytest.raises(ValueError, match=shown):
        rp.sweep(SMALL, swept.folder.path, **({"vary": VARY, "points": 60, "worlds": 16, "seed": 3} | changed))
    assert sums(swept.folder.path) == before


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"points": 10**9}, r"too large: 64,000,000,000 runs, about .* of disk"),
        ({"points": 10**15}, "points must be 1 to"),
        ({"worlds": 10**9}, "worlds must be 1 to"),
        ({"vary": {"theory.phi": (0.5, 11.0)}}, "out of range"),
        ({"vary": {"theory.phi": (1.0, 0.5)}}, "the lower end comes first"),
        ({"vary": {"theory.phy": (0.5, 1.0)}}, "did you mean 'theory.phi'"),
        ({"vary": {"theory.phi": (float("nan"), 1.0)}}, "finite"),
        ({"vary": {"theory.weights": ["leverage", "levrage"]}}, "levrage"),
        ({"vary": {"theory.weights": ["leverage", "leverage"]}}, "each once"),
        ({"vary": {}}, "a sweep varies 1 to"),
    ],
)
def test_what_cannot_be_run_is_refused_and_nothing_is_written(tmp_path, asked, why):
    """A request that cannot fit or makes no sense is refused up front, with the reason and without a folder."""
    with pytest.raises(ValueError, match=why):
        rp.sweep(SMALL, tmp_path / "D", **({"vary": {"theory.phi": (0.5, 1.0)}} | asked))
    assert not (tmp_path / "D").exists()


def test_a_relative_folder_and_dots_are_the_folder_they_name(tmp_path, monkeypatch):
    """`..` and links in the name lead to one folder with one lock."""
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    monkeypatch.chdir(tmp_path / "a")
    rp.sweep(SMALL, Path("../link/D"), vary={"theory.phi": (0.5, 1.0)}, points=6, worlds=4)
    assert (tmp_path / "a" / "D" / "manifest.json").is_file()
    assert rp.open_sweep(tmp_path / "a" / "D").missing == []


def test_many_texts_are_combined_only_where_they_meet(tmp_path):
    """Texts of 4 * 10^8 combinations can be swept: those that occur are made, and no others."""
    rows = ("moves.hand_over", "moves.sell", "moves.press", "shocks.collision")
    ends = {
        "from": [f"2030-{month:02}" for month in range(1, 13)],
        "until": [f"2031-{month:02}" for month in range(1, 13)],
    }
    vary = {f"{row}.{end}": months for row in rows for end, months in ends.items()}
    swept = rp.sweep(SMALL, tmp_path / "D", vary=vary, design="lhs", points=4, worlds=8)
    assert len(swept.frame()) == 32
