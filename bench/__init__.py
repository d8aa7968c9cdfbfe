"""Repeatable measurements: one file a question; run by `script/bench NAME`."""
