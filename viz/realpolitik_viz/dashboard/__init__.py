"""The dashboard: a Solara application that runs on the user's own machine."""

ROOT_VARIABLE = "REALPOLITIK_ROOT"
"""The environment variable that names the folder whose sweeps can be opened."""
