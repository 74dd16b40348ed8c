"""The tables and sentences of each report: one folder a notebook, of the same name."""
