"""The dashboard: move a slider, see the politics change. Started by `realpolitik dashboard`."""
