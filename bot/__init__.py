"""The head: the turn, its words and its wiring. Knows the three leaves."""
