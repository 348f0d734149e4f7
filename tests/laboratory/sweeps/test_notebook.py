"""The notebook in docs/ runs from its first cell to its last."""

import json
from pathlib import Path

NOTEBOOK = Path(__file__).parents[3] / "docs" / "sweep-to-figure.ipynb"


def test_the_notebook_runs(tmp_path, monkeypatch):
    """Every cell of the notebook runs in order, and its box keeps the promise that its last cells show."""
    monkeypatch.chdir(tmp_path)
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    assert all(not cell.get("outputs") for cell in cells), "the notebook is kept without outputs"
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    box, promised = names["box"], names["promised"]
    assert promised.low <= box.probability("withdrawal") <= promised.high  # type: ignore[attr-defined]
    assert names["story"].events  # type: ignore[attr-defined]
