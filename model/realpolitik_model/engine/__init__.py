"""The engine: plays the equations on many worlds at once. Rows, indices, flags, noise streams and the schedule."""
