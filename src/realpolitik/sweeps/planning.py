"""States the sweep that is asked for, with every count and name checked before anything is run or written."""

import os
from pathlib import Path

from realpolitik.choices import Design, Keep
from realpolitik.ensembles import check_counts, scenario_of, whole
from realpolitik.scenario import Scenario, Settings, load
from realpolitik.scenario.changes import as_settings as listed
from realpolitik.scenario.sources import shipped_names
from realpolitik.sweeps.factors import Vary, factors_of
from realpolitik.sweeps.plan import Plan, plan_of


def planned(
    source: str | os.PathLike[str] | Scenario,
    vary: Vary | None,
    design: Design,
    points: int,
    worlds: int,
    seed: int,
    keep: Keep,
    changes: Settings,
    theory: str | None,
    chunk: int | None,
) -> Plan:
    """State a sweep, with every count and name checked."""
    base = source if isinstance(source, Scenario) else load(source)
    given = listed(changes)
    scenario = scenario_of(base, given, theory)
    worlds, seed = check_counts(worlds, seed)
    points, chunk = whole("points", points), None if chunk is None else whole("chunk", chunk)
    made = [[one.path, one.value, one.month] for one in given]
    made += [["theory.weights", theory, None]] if theory is not None else []
    origin = base.name if isinstance(source, Scenario) else origin_of(os.fspath(source))
    plan = plan_of(
        scenario,
        factors_of(scenario, vary),
        seed=seed,
        kind=design,
        points=points,
        worlds=worlds,
        keep=keep,
        chunk=chunk,
        asked={"extends": origin, "extends_sha256": base.sha256, "settings": made},
    )
    plan.check()
    return plan


def origin_of(source: str) -> str:
    """Name where a scenario comes from: a shipped one by its name, a file by its whole path."""
    return source if source in shipped_names() else str(Path(source).resolve())
