"""Run a notebook in a kernel of its own, warm or not."""
