"""The one way by which numbers come into a measure: as floats, what is missing as NaN.

A masked entry, pandas' NA and None are missing, whatever number lies behind the mask. A measure
refuses what is missing, or leaves it out, as it does with NaN.
"""

from typing import Any

import numpy as np

from .errors import ParameterError


def as_floats(values: Any, name: str) -> np.ndarray:
    """Numbers of any real type as an array of floats.

    Parameters
    ----------
    values : array_like
        What a caller handed over.
    name : str
        What the caller calls it.

    Returns
    -------
    ndarray of float
        NaN where a value is missing.

    Raises
    ------
    ParameterError
        For texts, complex numbers, dates, rows of different lengths, and whatever is no number.
    """
    if type(values) is np.ndarray and values.dtype == np.float64:
        return values
    try:
        array, mask = _array(values)
        if array.dtype.kind == "O":
            array = np.array([_number(x) for x in array.ravel()], float).reshape(array.shape)
    except (TypeError, ValueError, OverflowError) as fault:
        raise ParameterError(f"{name} must be an array of numbers: {fault}.") from None
    if array.dtype.kind not in "buif":
        raise ParameterError(f"{name} must be real numbers; got {array.dtype}.")
    floats = array.astype(np.float64, copy=False)
    return np.where(mask, np.nan, floats) if np.any(mask) else floats


def _array(values: Any) -> tuple[np.ndarray, np.ndarray | bool]:
    """Numbers, and where a mask is over them; of a list of masked arrays too."""
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.getdata(values), np.ma.getmask(values)
    if isinstance(values, list | tuple) and any(map(_may_be_masked, values)):
        arrays, masks = zip(*map(_array, values), strict=True)
        masks = [np.broadcast_to(m, a.shape) for a, m in zip(arrays, masks, strict=True)]
        return np.asarray(arrays), np.asarray(masks)
    return np.asarray(values), False


def _may_be_masked(value: Any) -> bool:
    return isinstance(value, np.ma.MaskedArray | list | tuple)


def _number(value: Any) -> float:
    """One entry of an array of objects: a number such as Decimal, or missing."""
    if value is None or type(value).__name__ == "NAType":
        return np.nan
    if isinstance(value, str | bytes):
        raise ValueError(f"{value!r} is a text")
    return float(value)
