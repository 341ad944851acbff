"""Tests of the dashboard, without a socket."""
