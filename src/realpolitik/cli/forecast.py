"""`realpolitik forecast`: answers to the questions of a scenario, sealed, and scored once they are resolved."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from click import get_current_context

from realpolitik.cli.options import (
    COUNT,
    Written,
    complete_scenario,
    computing,
    conclude,
    device_option,
    force_option,
    given,
    json_option,
    opened,
    outputs,
    plot_option,
    refuse,
    seed_option,
)
from realpolitik.cli.printing import Grid, Screen, argument, command_line
from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik.forecasts import Answer, Forecast
    from realpolitik.sealing import ForecastScores

SHORT = {"self-interest": "self", "capability": "capab."}
"""Titles of narrow columns."""
SETTINGS = ("worlds", "seed", "tolerance", "allowance", "device")
RUN_ONLY = (*SETTINGS, "out", "plot")


@click.command()
@click.argument("source", metavar="SCENARIO", shell_complete=complete_scenario)
@click.option(
    "--worlds",
    default=400_000,
    type=COUNT,
    show_default=True,
    help="Worlds per theory, at most. The first 10,000 that agree answer.",
)
@seed_option
@click.option(
    "--tolerance",
    default=3,
    type=COUNT,
    show_default=True,
    help="Months by which a dated event of a world may miss its date in [history].",
)
@click.option(
    "--allowance",
    default=0.1,
    show_default=True,
    help="Probability that an answer depends on something that the model leaves out.",
)
@click.option("--out", metavar="FILE.json", help="Write the answers with the date, and seal them with their sha256.")
@click.option(
    "--score",
    metavar="ANSWERS.csv",
    help="Score a sealed forecast, given instead of SCENARIO, against a table with the columns question and answer "
    "(yes, no or void).",
)
@device_option
@plot_option
@force_option
@json_option
def forecast(
    source: str,
    worlds: int,
    seed: int,
    tolerance: int,
    allowance: float,
    out: str | None,
    score: str | None,
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Answer the [questions] of a scenario, from the worlds that agree with its history up to the cutoff.

    Each world draws its numbers from their ranges. It agrees if every row of [history] dated up to the cutoff,
    hold-outs too, happens within `--tolerance` months of its date, none of the others has happened by then, and every
    ratio of [quantities] lies within its error. If an event happens in k of n such worlds in which it was still open,
    its probability is (1 - a) (k + 1/2) / (n + 1) + a / 2, where a is `--allowance`: never 0 or 1. A question that the
    rows cannot express is answered "cannot say". The table also has the answers of persistence (nothing happens), of
    the base rate (Laplace's rule on the months before the cutoff) and the rival theories.

    With `--score`, print the Brier score, the log score and the calibration of a sealed forecast.

    **Examples**

        realpolitik forecast karabakh
        realpolitik forecast karabakh --out april-2024.json --plot answers.svg
        realpolitik forecast april-2024.json --score resolved.csv
    """
    if score is not None:
        _score(source, score, as_json)
        return
    if source.endswith(".json"):
        raise ValueError(f"'{source}' is no scenario; to score a sealed forecast, give --score ANSWERS.csv")
    chosen, files = opened(force, source)
    files.file(out, "forecast")
    if out is not None and Path(out).exists() and not force:
        raise ValueError(f"'{out}' exists and is a sealed forecast; choose another name, or give --force to replace it")
    files.figure(plot, "forecast")
    with computing("worlds") as report:
        from realpolitik import forecasts, sealing

        found = forecasts.forecast(
            chosen,
            worlds=worlds,
            seed=seed,
            tolerance=tolerance,
            allowance=allowance,
            progress=report,
        )
    seals: list[str] = []

    def write() -> None:
        files.write(Path(str(out)), sealing.document_bytes(found))
        seals.append(sealing.seal_of(Path(str(out)).read_bytes()))

    show = partial(_print_forecast, out_file=out, seals=seals)
    conclude("forecast", found, show, files, plot=plot, as_json=as_json, written=[Written("", out, write)])


def _print_forecast(out: Screen, found: "Forecast", *, out_file: str | None, seals: list[str]) -> None:
    """Print the answers next to those of simple forecasters and rival theories, and the reasons for having none."""
    result = found.to_dict()
    out.say((result["title"], "bold"), f": what was open in {result['cutoff']}")
    for name, one in result["scenarios"].items():
        own, *rivals = one["agreeing"].items()
        out.say(
            f"{own[1]['worlds']:,} of {counted(own[1]['played'], 'world')} of {name} agree with the "
            f"{counted(own[1]['of'], 'row')} of its record within {counted(result['tolerance'], 'month')}; "
            f"numbers drawn from their ranges, seed {result['seed']}"
        )
        each = (f"{theory}, {counted(n['worlds'], 'world')} with {counted(n['rows'], 'row')}" for theory, n in rivals)
        out.say(f"Rivals answer from the worlds that agree with most rows: {'; '.join(each)}", style="dim")
    out.say()
    answered = [answer for answer in found.answers if answer.chance is not None]
    if answered:
        others = list(answered[0].others)
        titles = ("by", "chance", "error", *(SHORT.get(name, name) for name in others))
        grid = Grid(("question", "name"), ("what is asked", "prose"), *((title, "number") for title in titles))
        for answer in answered:
            shares = (answer.chance or 0.0, answer.error or 0.0, *answer.others.values())
            grid.add(answer.id, answer.text, answer.by, *(f"{share:.0%}" for share in shares))
        grid.show(out)
        out.say("\nError: the standard error of a chance that was counted in so many worlds.", style="dim")
        out.say(
            f"No answer is 0 or 1: an allowance of {result['allowance']:.0%} is for what the model leaves out.",
            style="dim",
        )
    for answer in found.answers:
        if answer.chance is None:
            out.say()
            out.note(0, f"{answer.id}: cannot say. {answer.text}")
            out.note(2, f"{answer.cannot_say}.")
    for seal in seals:
        out.say(f"Sealed in {out_file}, sha256 {seal}")
    _hint(out, found, answered, sealed=out_file is not None)


def _hint(out: Screen, found: "Forecast", answered: list["Answer"], *, sealed: bool) -> None:
    """Print the command that seals the answers, and the one that explains the first answer's example."""
    from realpolitik.scenario.sources import asked_as

    asked, commands = get_current_context().params, []
    if answered and not sealed:
        options = [word for name in SETTINGS if given(name) for word in (f"--{name}", asked[name])]
        commands.append(command_line("forecast", argument(asked["source"]), *options, "--out", "sealed.json"))
    for one in answered[:1]:
        said, world = next(iter(one.examples.items()))
        where = argument(asked_as(found.answering[one.scenario].chain[0]))
        drawn = command_line("explain", where, "--world", world, "--seed", asked["seed"], "--uncertainty", "prior")
        commands.append(f"{drawn}   # {one.id}: {said}")
    if commands:
        out.say()
        out.hint("Next:", *commands)


def _score(sealed: str, answers: str, as_json: bool) -> None:
    """Score a sealed forecast against a table of answers."""
    refuse("--score: the sealed file has its own", *RUN_ONLY)
    from realpolitik.sealing import score_forecast

    found = score_forecast(sealed, answers)
    conclude("", found, _print_score, outputs(False), plot=None, as_json=as_json)


def _print_score(out: Screen, found: "ForecastScores") -> None:
    """Print the scores of all forecasters, and the calibration of the forecast."""
    out.say((found.forecast["title"], "bold"), f": a forecast of {found.forecast['made']}, sha256 {found.sha256}")
    yes = sum(found.happened.values())
    scored = counted(len(found.happened), "question")
    out.say(f"{scored} scored, {yes} of them a yes; {len(found.unscored)} are not scored\n")
    grid = Grid(("forecaster", "name"), *((title, "number") for title in ("Brier", "log score", "yes expected")))
    best = min(score.brier for score in found.scores.values())
    for name, score in found.scores.items():
        style = "bold" if score.brier == best else ""
        grid.add(name, f"{score.brier:.3f}", f"{score.log:.3f}", f"{score.expected:.1f}", style=style)
    grid.show(out)
    out.say("\nCalibration of the answers:")
    bins = Grid(("answer", "name"), *((title, "number") for title in ("questions", "mean", "happened")))
    for row in found.scores["answers"].bins:
        name = f"{row['low']:.0%} to {row['high']:.0%}"
        bins.add(name, f"{row['questions']:.0f}", f"{row['mean']:.0%}", f"{row['happened']:.0%}")
    bins.show(out)
    for why in dict.fromkeys(found.unscored.values()):
        names = ", ".join(name for name, reason in found.unscored.items() if reason == why)
        out.say(f"Not scored, {why}: {names}", style="dim")
