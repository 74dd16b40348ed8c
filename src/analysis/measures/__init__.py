"""Measures: numpy arrays of shape (..., n_partners) in, numbers out."""
