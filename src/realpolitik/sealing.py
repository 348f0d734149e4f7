"""Sealed forecasts: written once with a hash and a date, verified when read, and scored against what happened."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import StringIO
from math import log
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from realpolitik.choices import brief, existing, mapping
from realpolitik.files import SEAL, replaceable, sealed, write_whole, writer_of
from realpolitik.forecasts import Forecast
from realpolitik.scenario.errors import nearest
from realpolitik.texts import counted
from realpolitik.validation.forecasting import brier

if TYPE_CHECKING:
    import pandas as pd

COMMAND = "forecast"
LARGEST = 16 * 2**20
YES_NO = {"yes": True, "no": False, "1": True, "0": False, "true": True, "false": False}
OPEN = ("", "void")
"""Answers of questions that were not resolved; they are not scored."""
BINS = 5
MODEL = "answers"
"""The name of the forecast itself among the forecasters."""


def document_bytes(found: Forecast, made: datetime | None = None) -> bytes:
    """Return the content of a file that is to be sealed: JSON with the time at which it was made."""
    when = (made or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    content = json.dumps({"made": when, **found.to_dict()}, indent=1, allow_nan=False, ensure_ascii=False)
    return content.encode()


def seal_of(content: bytes) -> str:
    """Return the sha256 that a sealed file states."""
    return [*SEAL.finditer(content)][-1][2].decode()


def write_forecast(found: Forecast, path: str | PathLike[str]) -> str:
    """Write a sealed file, and return its sha256; an existing one is replaced, but no other file.

    Parameters
    ----------
    found
        What `forecast` returned.
    path
        The file, which ends in .json.

    Returns
    -------
    str
        The sha256 of the content, 64 hexadecimal digits: publish it to show later that nothing was changed.

    Raises
    ------
    ValueError
        If the name does not end in .json, or the file exists and is no sealed forecast.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     found = rp.forecast("karabakh", worlds=4000, tolerance=12)
    ...     seal = rp.write_forecast(found, Path(folder, "april.json"))
    >>> len(seal)
    64
    """
    target = replaceable(path, "forecast", COMMAND)
    content = sealed(document_bytes(found), ".json", COMMAND)
    write_whole(target, content)
    return seal_of(content)


def read_forecast(path: str | PathLike[str]) -> dict[str, Any]:
    """Return what a sealed file holds; ValueError if it is no forecast, or was changed since it was sealed."""
    file = existing("path", path, "a sealed forecast")
    if file.stat().st_size > LARGEST:
        raise ValueError(f"{file}: larger than any forecast, {LARGEST:,} bytes at most")
    if file.suffix.lower() != ".json" or writer_of(file) != COMMAND:
        raise ValueError(f"{file}: not a file that `realpolitik forecast --out` wrote, or changed since")
    content: dict[str, Any] = json.loads(file.read_bytes())
    return content


@dataclass(frozen=True)
class Score:
    """The scores of one forecaster on the questions that were answered and resolved."""

    brier: float
    """Mean squared error; 0 is best, and 0.25 is that of 50% for everything  (Brier 1950)."""
    log: float
    """Mean of minus the logarithm of the probability of what happened; 0 is best, 0.693 is that of 50%  (Good 1952)."""
    expected: float
    """Sum of the probabilities: how many were expected to happen."""
    bins: list[dict[str, float]]
    """Per fifth of the scale with a forecast: `low`, `high`, `questions`, `mean` and the share that `happened`."""


@dataclass(frozen=True)
class ForecastScores:
    """The scores of a sealed forecast and of the forecasters that it is compared with."""

    forecast: dict[str, Any]
    sha256: str
    """Of the sealed file."""
    happened: dict[str, bool]
    """Question -> whether it was a yes; only those that are scored."""
    unscored: dict[str, str]
    """Question -> why it is not scored."""
    scores: dict[str, Score]
    """Forecaster -> scores; "answers" is the forecast itself."""

    def __repr__(self) -> str:
        scored = f"{counted(len(self.happened), 'question')} scored, {len(self.unscored)} not"
        return f"<ForecastScores of {self.forecast['scenario']}: {scored}, Brier score {self.scores[MODEL].brier:.3f}>"

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `forecast --score --json` prints."""
        return {
            "scenario": self.forecast["scenario"],
            "made": self.forecast["made"],
            "sha256": self.sha256,
            "happened": self.happened,
            "unscored": self.unscored,
            "scores": {name: asdict(score) for name, score in self.scores.items()},
        }


def score_forecast(
    path: str | PathLike[str], answers: "str | PathLike[str] | Mapping[str, Any] | pd.Series[Any]"
) -> ForecastScores:
    """Score a sealed forecast.

    Parameters
    ----------
    path
        A file that `realpolitik forecast --out` wrote.
    answers
        A CSV file with the columns question and answer (yes, no, or void if it cannot be resolved), or
        question -> the same words, True or 1, or False or 0, as a mapping or a Series of pandas.

    Returns
    -------
    ForecastScores
        Brier score, log score and calibration of every forecaster on the same questions.

    Raises
    ------
    ValueError
        If a file cannot be read, or was changed since it was sealed; if a question is unknown or an answer invalid; or
        if no question can be scored.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> found = rp.forecast("karabakh", worlds=4000, tolerance=12)
    >>> happened = {answer.id: False for answer in found.answers if answer.chance is not None}
    >>> with TemporaryDirectory() as folder:
    ...     _ = rp.write_forecast(found, Path(folder, "april.json"))
    ...     scored = rp.score_forecast(Path(folder, "april.json"), happened)
    >>> 0 <= scored.scores["answers"].brier <= 1
    True
    """
    content = read_forecast(path)
    questions = {row["id"]: row for row in content["questions"]}
    pairs = mapping(answers)
    given = read_answers(answers, questions) if pairs is None else checked_answers(pairs, questions)
    unscored, happened = dict[str, str](), dict[str, bool]()
    for name, row in questions.items():
        if row["chance"] is None:
            unscored[name] = "the forecast could not say"
        elif name not in given:
            unscored[name] = "not resolved"
        else:
            happened[name] = given[name]
    if not happened:
        raise ValueError("no question has both a probability and an answer, so that nothing can be scored")
    rows = [questions[name] for name in happened]
    chances = {MODEL: [row["chance"] for row in rows]}
    chances |= {other: [row["others"][other] for row in rows] for other in rows[0]["others"]}
    seen = [float(one) for one in happened.values()]
    return ForecastScores(
        forecast=content,
        sha256=seal_of(Path(path).read_bytes()),
        happened=happened,
        unscored=unscored,
        scores={name: _score(values, seen) for name, values in chances.items()},
    )


def _score(chances: list[float], seen: list[float]) -> Score:
    """Return the scores of one forecaster."""
    surprise = [-log(p if one else 1 - p) for p, one in zip(chances, seen, strict=True)]
    return Score(brier(chances, seen), sum(surprise) / len(surprise), sum(chances), _bins(chances, seen))


def _bins(chances: list[float], seen: list[float]) -> list[dict[str, float]]:
    """Return the calibration: how often events happened, by fifths of the probability."""
    found = []
    for n in range(BINS):
        inside = [(p, one) for p, one in zip(chances, seen, strict=True) if int(p * BINS) == n]
        if inside:
            mean, share = (sum(column) / len(inside) for column in zip(*inside, strict=True))
            row = {"low": n / BINS, "high": (n + 1) / BINS, "questions": len(inside), "mean": mean, "happened": share}
            found.append(row)
    return found


def checked_answers(answers: Mapping[Any, Any], questions: Mapping[str, Any]) -> dict[str, bool]:
    """Return question -> whether it happened; ValueError with the question for what is invalid."""
    found = {}
    for name, answer in answers.items():
        if name not in questions:
            raise ValueError(f"answers: {_unknown(name, questions)}")
        found[str(name)] = _meaning(f"answers: {name}", answer)
    return {name: answer for name, answer in found.items() if answer is not None}


def read_answers(path: Any, questions: Mapping[str, Any]) -> dict[str, bool]:
    """Return question -> whether it happened, from a CSV file; ValueError with the line for what is invalid."""
    found: dict[str, bool | None] = {}
    for line, row in _rows(existing("answers", path, "a CSV file, a mapping or a Series")):
        where, name = f"{path}:{line}", row["question"].strip()
        if name not in questions:
            raise ValueError(f"{where}: {_unknown(name, questions)}")
        if name in found:
            raise ValueError(f"{where}: '{name}' has an answer already")
        found[name] = _meaning(where, row["answer"])
    return {name: answer for name, answer in found.items() if answer is not None}


def _unknown(name: object, questions: Mapping[str, Any]) -> str:
    """Return the message for a question that the forecast does not have."""
    hint = nearest(str(name), questions)
    return f"unknown question '{name}'" + (f"; did you mean '{hint}'?" if hint else "")


def _meaning(where: str, answer: object) -> bool | None:
    """Return whether a question is a yes, None if it was not resolved; ValueError for anything but an answer."""
    if isinstance(answer, bool | np.bool_ | Real) and answer in (0, 1):
        return bool(answer)
    word = answer.strip().lower() if isinstance(answer, str) else None
    if word not in YES_NO and word not in OPEN:
        shown = f"'{word}'" if word is not None else brief(answer)
        raise ValueError(f"{where}: {shown} is no answer; write yes, no or void")
    return YES_NO.get(word)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the cells of every row of a table of answers; ValueError if it is no such table."""
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"{path}: larger than any table of answers, {LARGEST:,} bytes at most")
    try:
        rows = csv.DictReader(StringIO(content.decode("utf-8-sig")), restval="")
        if not {"question", "answer"} <= set(rows.fieldnames or ()):
            has = ", ".join(rows.fieldnames or ()) or "none"
            raise ValueError(f"{path}:1: needs the columns question and answer, has {has}")
        yield from ((rows.line_num, row) for row in rows)
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not a text in UTF-8") from None
    except csv.Error as error:
        raise ValueError(f"{path}:{rows.line_num}: {error}") from None
