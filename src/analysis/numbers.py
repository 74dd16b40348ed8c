"""How numbers are written: digits follow the uncertainty, in sentences and tables alike."""

import math
from typing import Any

#: what stands for a value that is missing
MISSING = "–"


def number(value: float, low: float = math.nan, high: float = math.nan) -> str:
    """Write a number with as many digits as its interval bears out.

    Whole numbers stay whole, if the ends of their interval are. Else digits go to the second one of
    the width of the interval; to the second of the number where the interval is open; to the
    third where there is none; never beyond three decimals, or two above 1.

    Parameters
    ----------
    value : float
        The number.
    low, high : float
        Its interval, which is not written (see `estimate`); an end that is not known is missing.
    """
    return _number(value, _decimals(value, low, high))


def signed(value: float) -> str:
    """Write a change, with a plus where it is one."""
    return f"+{number(value)}" if value > 0 else number(value)


def estimate(value: float, low: float = math.nan, high: float = math.nan) -> str:
    """Write a number with its interval, 15 (14 to 30); of an open one, what can be said.

    Parameters
    ----------
    value, low, high : float
        As for `number`.
    """
    return _joined(*estimate_parts(value, low, high))


def estimate_parts(value: float, low: float = math.nan, high: float = math.nan) -> tuple[str, str]:
    """Write a number, and its interval, which may be empty: what `estimate` puts together.

    Parameters
    ----------
    value, low, high : float
        As for `number`.
    """
    places = _decimals(value, low, high)
    return _parts(*(_number(one, places) for one in (value, low, high)))


def estimate_of(row: Any) -> str:
    """Write the estimate of a row of measures with its interval."""
    return estimate(row.estimate, row.low, row.high)


def number_of(row: Any) -> str:
    """Write the estimate of a row alone, with the digits that its interval bears out."""
    return number(row.estimate, row.low, row.high)


def both_of(row: Any) -> tuple[str, str]:
    """Write both estimates of a row of differences, the earlier or other one first.

    They have the digits that the interval of their difference bears out.
    """
    reach = row.low - row.difference, row.high - row.difference
    before, now = (
        number(one, one + reach[0], one + reach[1]) for one in (row.estimate_before, row.estimate)
    )
    return before, now


def loss_of(row: Any) -> tuple[str, str]:
    """Write a measure before and after a loss; after it, nobody may be left."""
    after = "none left" if math.isnan(row.after) else number(row.after, *_ends(row, "after"))
    return number(row.before, *_ends(row, "before")), after


def _ends(row: Any, name: str) -> tuple[float, float]:
    return getattr(row, f"{name}_low", math.nan), getattr(row, f"{name}_high", math.nan)


def difference_parts(row: Any) -> tuple[str, str]:
    """Write the difference of a row of differences, and its interval."""
    return estimate_parts(row.difference, row.low, row.high)


def percent(share: float, low: float = math.nan, high: float = math.nan) -> str:
    """Write a share as a percentage, by the rule of `number`, with one decimal at the most.

    Parameters
    ----------
    share : float
        From 0 to 1.
    low, high : float
        Its interval, which is not written (see `share_estimate`).
    """
    return _percent(share, _percent_decimals(share, low, high))


def has_interval(table: Any) -> Any:
    """Tell which rows of a table of measures have an interval, if only one end of it is known."""
    return (table["low"] == table["low"]) | (table["high"] == table["high"])


def share_estimate(share: float, low: float = math.nan, high: float = math.nan) -> str:
    """Write a share with its interval: 45% (30% to 60%).

    Parameters
    ----------
    share, low, high : float
        As for `percent`.
    """
    return _joined(*share_parts(share, low, high))


def share_parts(share: float, low: float, high: float) -> tuple[str, str]:
    """Write a share, and its interval, which may be empty.

    Parameters
    ----------
    share, low, high : float
        As for `percent`.
    """
    places = _percent_decimals(share, low, high)
    return _parts(*(_percent(one, places) for one in (share, low, high)))


def share_of(row: Any) -> str:
    """Write the share of a row of shares with its bounds, where the source leaves it open."""
    return share_estimate(*_bounded(row))


def percent_of(row: Any) -> str:
    """Write the share of a row alone, with the digits that its bounds bear out."""
    return percent(*_bounded(row))


def _bounded(row: Any) -> tuple[float, float, float]:
    return row.share, getattr(row, "share_low", math.nan), getattr(row, "share_high", math.nan)


def _parts(value: str, low: str, high: str) -> tuple[str, str]:
    if low == high:  # no interval, or none that can be seen
        return value, ""
    if MISSING not in (low, high):
        return value, f"{low} to {high}"
    end, side = (low, "at least") if high == MISSING else (high, "at most")
    return (f"{side} about {value}", "") if end == value else (f"about {value}", f"{side} {end}")


def _joined(value: str, interval: str) -> str:
    return f"{value} ({interval})" if interval else value


def _decimals(value: float, low: float, high: float) -> int:
    known = [one for one in (value, low, high) if math.isfinite(one)]
    largest = max(map(abs, known), default=0.0)
    width = max(known, default=0.0) - min(known, default=0.0)
    if all(map(_is_whole, known)):
        return 0
    has_low, has_high = math.isfinite(low), math.isfinite(high)
    if has_low != has_high:
        places = 1 - _magnitude(largest)
    else:
        places = 1 - _magnitude(width) if width else 2 - _magnitude(largest)
    return min(max(places, 0), 2 if largest >= 1 else 3)


def _percent_decimals(share: float, low: float, high: float) -> int:
    if low == high or (math.isnan(low) and math.isnan(high)):
        return 1
    return min(_decimals(100 * share, 100 * low, 100 * high), 1)


def _magnitude(value: float) -> int:
    return math.floor(math.log10(abs(value)))


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-9


def _number(value: float, places: int) -> str:
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{round(value, places) + 0.0:,.{places}f}".replace("-", "−")


def _percent(share: float, places: int) -> str:
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 < share < 1:
        return ">99.9%"
    text = _number(100 * share, 0 if share == 1 else places)
    return text if text == MISSING else f"{text}%"
