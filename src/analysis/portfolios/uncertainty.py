"""Resampling: the only module with a random number generator.

The unit that is resampled is the event (an exercise, an agreement, a deal), never the year and
never the partner's share: the ties of one event come and go together.

A record misses partners, so it is less diverse than the practice, and events drawn from it are
less diverse again. Draws are made from a model of the practice, in which some ties of the rarest
partners belong to partners not seen yet, as many as Chao's estimator says. How far the draws lie
from the model tells how far the record may lie from the practice.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ParameterError
from ..measures import unseen
from .layout import Ties, measure_rows

#: events below which resampling them says too little: of 5 to 9, intervals of nominal 95% contained
#: the truth 44 to 69 times of 100 (docs/methods.md)
MIN_EVENTS = 10
RESAMPLING = ("multinomial", "dirichlet")
#: chances too small to matter
_NEGLIGIBLE = 1e-4

Function: TypeAlias = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Draws:
    """Draws of a measure.

    `samples` is the measure of each draw, `model` that of the model they are drawn from; `coverage`
    is the sample coverage of the record, 1 where nothing was missed.
    """

    samples: np.ndarray
    model: float
    coverage: float


@dataclass(frozen=True)
class Practice:
    """A model of what a record was taken from.

    Attributes
    ----------
    weights : ndarray of shape (n_events, n_partners)
        The record.
    unseen : int
        How many partners it has missed.
    moved : ndarray of shape (n_partners,)
        The chance that a tie like one with this partner would be with one of the unseen.
    coverage : float
        Sample coverage of the record.

    References
    ----------
    Chao, A. & Jost, L. (2015). Estimating diversity and entropy profiles via discovery rates of
    new species. Methods in Ecology and Evolution 6, 873-882, appendix S1 (the chances of seen and
    unseen species; here applied to ties, so that the ties of one event stay together).
    """

    weights: np.ndarray
    unseen: int
    moved: np.ndarray
    coverage: float

    @classmethod
    def of(cls, weights: np.ndarray, most: int | None = None) -> "Practice":
        """Estimate from a record that misses at most `most` partners; rows of 0 are no events."""
        seen_in = np.count_nonzero(weights, axis=0)
        n_events = int(weights.any(axis=1).sum())
        coverage = float(unseen.coverage(seen_in, n_events=n_events))
        missed = unseen.chao1(seen_in, n_events=n_events) - np.count_nonzero(seen_in)
        number = int(np.ceil(np.round(missed, 9)))
        number = number if most is None else min(number, most)
        moved = np.zeros(len(seen_in))
        if number:
            chance = seen_in / n_events
            absent = (1 - chance) ** n_events
            share = (1 - coverage) * chance.sum() / max((chance * absent).sum(), _NEGLIGIBLE**4)
            moved = np.minimum(absent * share, 1.0)
        return cls(weights, number if moved.any() else 0, moved, coverage)

    def expected(self) -> np.ndarray:
        """Weights of all partners in the model, of shape (n_partners + unseen,)."""
        weights = self.weights.sum(axis=0)
        lost = weights * self.moved
        each = lost.sum() / max(self.unseen, 1)
        return np.concatenate([weights - lost, np.full(self.unseen, each)])

    def draw(self, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Weights of all partners in samples, of shape (draws, n_partners + unseen).

        `counts`, of shape (draws, n_events), says how often each event is in each sample; `rng`
        decides which ties go to the unseen.
        """
        kept = counts @ self.weights
        if not self.unseen:
            return kept
        events, partners = np.nonzero((self.weights > 0) & (self.moved > _NEGLIGIBLE))
        goes = rng.random((len(counts), len(events)), dtype=np.float32) < self.moved[partners]
        draws, ties = np.nonzero(goes)
        drawn = counts[draws, events[ties]] > 0
        draws, ties = draws[drawn], ties[drawn]
        amount = counts[draws, events[ties]] * self.weights[events[ties], partners[ties]]
        to = rng.integers(self.unseen, size=len(ties))
        kept -= _summed(draws, partners[ties], amount, kept.shape)
        gained = _summed(draws, to, amount, (len(counts), self.unseen))
        return np.concatenate([np.maximum(kept, 0.0), gained], axis=1)


def _summed(rows: np.ndarray, columns: np.ndarray, amount: np.ndarray, shape: tuple) -> np.ndarray:
    flat = np.bincount(rows * shape[1] + columns, amount, minlength=shape[0] * shape[1])
    return flat.reshape(shape)


def bootstrap(
    ties: Ties,
    function: Function,
    *,
    draws: int,
    seed: int,
    key: tuple,
    most_unseen: int | None = None,
    resampling: str = "multinomial",
) -> Draws:
    """Draw events of `ties` from a model of the practice and measure each draw.

    `function` takes weights of shape (draws, n_partners). Each `key` of a portfolio has a stream of
    random numbers by itself, whatever else is measured from the `seed`. The record can have missed
    `most_unseen` partners: 0 for a function that measures recorded ones only, since it has
    distances of these alone.

    By the `resampling` "multinomial" events are drawn with replacement. By "dirichlet" each event
    gets a random weight instead, and none is left out (the Bayesian bootstrap).

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, ch. 6 and 13.
    Rubin, D. B. (1981). The Bayesian bootstrap. Annals of Statistics 9, 130-134.
    """
    rng = stream(seed, key)
    counts = _counts([len(ties.weights)], draws=draws, resampling=resampling, rng=rng)
    return _measured(Practice.of(ties.weights, most_unseen), function, counts, rng)


def paired(
    one: Ties,
    other: Ties,
    functions: Sequence[Function],
    *,
    draws: int,
    seed: int,
    key: tuple,
    resampling: str = "multinomial",
    most_unseen: Sequence[int | None] = (None, None),
) -> tuple[Draws, Draws]:
    """Draw the events of two portfolios together: an event of both is drawn for both or for none.

    Row k of `one` and `other` is the same event; a row of zeros is an event of the other's. There
    are two `functions` and two of `most_unseen`; `draws`, `seed`, `key` and `resampling` are as for
    `bootstrap`. Draw k of both comes from the same events. Which ties go to unseen partners is
    drawn for each by itself, so their difference varies rather too much than too little.
    """
    rng = stream(seed, key)
    first, second = one.weights.any(axis=1), other.weights.any(axis=1)
    # without a common event they are two samples, each as large as it is
    share_events = (first & second).any()
    sizes = [len(one.weights)] if share_events else [int(first.sum()), int(second.sum())]
    places = np.argsort(~first, kind="stable")
    counts = _counts(sizes, draws=draws, resampling=resampling, rng=rng)
    one_drawn, other_drawn = (
        _measured(Practice.of(ties.weights[places], most), function, counts, rng)
        for ties, function, most in zip((one, other), functions, most_unseen, strict=True)
    )
    return one_drawn, other_drawn


def stream(seed: int, key: tuple) -> np.random.Generator:
    """Random numbers of one purpose: of the user's `seed`, and a `key` that says what for."""
    return np.random.default_rng([seed, zlib.crc32("|".join(map(str, key)).encode())])


def _counts(
    sizes: Sequence[int], *, draws: int, resampling: str, rng: np.random.Generator
) -> np.ndarray:
    """How often each event is drawn; samples of the sizes given stand side by side."""
    check_resampling(resampling)
    if resampling == "dirichlet":
        return np.hstack([n * rng.dirichlet(np.ones(n), size=draws) for n in sizes])
    return np.hstack([_drawn_again(n, draws, rng) for n in sizes])


def check_resampling(resampling: str) -> None:
    """Raise ParameterError for an unknown way of resampling."""
    if resampling not in RESAMPLING:
        raise ParameterError(
            f"resampling is {resampling!r}; it must be one of {', '.join(RESAMPLING)}."
        )


def _drawn_again(n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw `n` events with replacement and count each: numpy's multinomial is ten times slower."""
    places = rng.integers(n, size=(draws, n)) + n * np.arange(draws)[:, None]
    return np.bincount(places.ravel(), minlength=draws * n).reshape(draws, n).astype(float)


def _measured(
    practice: Practice, function: Function, counts: np.ndarray, rng: np.random.Generator
) -> Draws:
    rows = np.vstack([practice.expected(), practice.draw(counts, rng)])
    model, *samples = measure_rows(function, rows)
    return Draws(np.array(samples), float(model), practice.coverage)


def interval(
    drawn: Draws, estimate: float, *, level: float, limits: tuple[float, float]
) -> tuple[float, float]:
    """Interval for the practice, from how far draws lie from the model they are drawn from.

    The `estimate`, the measure of the record itself, is corrected by the mean deviation of the
    draws (as ratios, if all are positive); missing draws are left out. Around that lie the
    deviations both as they are and turned round: the ends are the outer ones of the two, because
    which is right depends on the side to which the deviations are skewed. A `level` of 0.95 gives
    the 2.5th and the 97.5th percentile. The ends stay within the `limits` of the measure, and the
    estimate is always inside.

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, ch. 10 and 13.
    Davison, A. C. & Hinkley, D. V. (1997). Bootstrap Methods and their Application, ch. 5.
    """
    values = drawn.samples[~np.isnan(drawn.samples)]
    if np.isnan([estimate, drawn.model]).any() or not len(values):
        return np.nan, np.nan
    middle, deviations, back = _centred(values, drawn.model, estimate)
    tail = (1 - level) / 2
    low, high = np.quantile(deviations, [tail, 1 - tail])
    reach = np.array([min(low, -high), max(high, -low)])
    ends = np.clip(back(middle + reach), *limits)
    return float(min(ends[0], estimate)), float(max(ends[1], estimate))


def corrected(drawn: Draws, estimate: float) -> np.ndarray:
    """Turn `drawn` into draws of the practice: the middle of `interval`, deviations around it.

    Gives an array of shape (2, draws): the deviations from the corrected `estimate` as they are,
    and turned round. Missing values stay missing. The references are those of `interval`.
    """
    values = drawn.samples
    if np.isnan([estimate, drawn.model]).any() or np.isnan(values).all():
        return np.full((2, len(values)), np.nan)
    middle, deviations, back = _centred(values, drawn.model, estimate)
    return back(middle + np.array([deviations, -deviations]))


def _centred(
    values: np.ndarray, model: float, estimate: float
) -> tuple[float, np.ndarray, Callable[[ArrayLike], np.ndarray]]:
    """Give the corrected estimate, the deviations around it, and the way back from their scale.

    The scale is that of logarithms where all is positive.
    """
    logs = min(estimate, model) > 0 and (values[~np.isnan(values)] > 0).all()
    scale, back = (np.log, np.exp) if logs else (np.asarray, np.asarray)
    deviations = scale(values) - scale(model)
    bias = np.nanmean(deviations)
    return scale(estimate) - bias, deviations - bias, back


def paired_interval(
    drawn: tuple[Draws, Draws],
    estimates: tuple[float, float],
    *,
    level: float,
    limits: tuple[float, float],
) -> tuple[float, float]:
    """Interval of a difference, from the intervals of both and what their draws have in common.

    The distances from either estimate to the ends of its `interval` are put together as standard
    errors are: for the lower end that of the first to its lower and of the second to its upper
    end, less twice the correlation r of the paired draws times both. (As ends are not equally
    distant to both sides, the product is the mean of those to the same side, and no correlation
    takes away more than its part.) An interval from differences of draws, as the errors of both
    grow with what is measured, contained the truth in 46 to 91 of 100 cases.

    `drawn` is as `paired` gives it, `estimates` are the measure of either record; `level` and
    `limits` as for `interval`. The ends are of the first less the second, missing where either is.

    References
    ----------
    Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect measures: a
    general approach. Statistics in Medicine 27, 1693-1702.
    Zou, G. Y. (2007). Toward using confidence intervals to compare correlations. Psychological
    Methods 12(4), 399-413 (estimates that are correlated).
    """
    (one, other), (first, second) = drawn, estimates
    a_low, a_high = interval(one, first, level=level, limits=limits)
    b_low, b_high = interval(other, second, level=level, limits=limits)
    down, up = (first - a_low, b_high - second), (a_high - first, second - b_low)
    same = (down[0] * up[1] + up[0] * down[1]) / 2
    r = _correlation(one.samples, other.samples)
    reach = []
    for x, y in (down, up):
        squares = x**2 + y**2
        reach.append(np.sqrt(max(squares - 2 * r * same, (1 - max(r, 0.0)) * squares)))
    return float(first - second - reach[0]), float(first - second + reach[1])


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Of draws that both have; 0 where either does not vary."""
    both = ~(np.isnan(one) | np.isnan(other))
    x, y = (part[both] - part[both].mean() if both.any() else part[both] for part in (one, other))
    scale = np.sqrt((x @ x) * (y @ y))
    return float(np.clip(x @ y / scale, -1, 1)) if scale > 0 else 0.0
