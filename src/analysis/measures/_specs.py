"""What each measure is: its limits, its bounds, whether it counts, how its interval is judged.

The one table that knows: a new measure is one function, and one entry in `SPECS`. It is looked up
by function, whatever `functools.partial` is around it. Of a function without an entry nothing is
known: it has no limits, and no bounds where a source leaves something open.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..errors import ParameterError
from . import (
    alignment,
    bounds,
    diversity,
    inequality,
    rarefaction,
    risk,
    similarity,
    unseen,
)

#: what a measure may depend on, by which its interval was simulated (see `calibration`)
ORDER, NUMBER = "order", "number"
#: arguments that say something of the partners, beside their weights
_PARTNER_ARGUMENTS = ("distances", "similarity", "points")
#: options that are in the name of a measure, as usual or not
_ALWAYS = ("order", "k")


@dataclass(frozen=True)
class Spec:
    """What is known of a measure.

    Attributes
    ----------
    limits : (float, float)
        Least and greatest value it can have.
    bounds : callable, optional
        Least and greatest weights, and the measure's options, to its least and greatest value.
    needs_counts : bool
        Whether it estimates from counts of events, so that amounts mean nothing to it.
    calibrated_by : str, optional
        `ORDER`: it is a Hill number, or follows from one; `NUMBER`: it depends on the number of
        partners, which no sample gives without bias. Else its interval was not simulated.
    order : float, optional
        Of that Hill number, where the option `order` does not say.
    falls : bool
        Whether it falls as diversity rises, as indices of concentration do.
    """

    limits: tuple[float, float] = (-np.inf, np.inf)
    bounds: Callable[..., tuple[np.ndarray, np.ndarray]] | None = None
    needs_counts: bool = False
    calibrated_by: str | None = None
    order: float | None = None
    falls: bool = False


_SHARE, _EFFECTIVE, _AMOUNT = (0.0, 1.0), (1.0, np.inf), (0.0, np.inf)
_LARGEST = Spec(_SHARE, bounds.concentration_bounds, calibrated_by=ORDER, order=np.inf, falls=True)
_UNKNOWN = Spec()

SPECS: dict[Callable, Spec] = {
    diversity.hill: Spec(_EFFECTIVE, bounds.hill_bounds, calibrated_by=ORDER, order=1.0),
    diversity.n_partners: Spec(
        _EFFECTIVE, partial(bounds.hill_bounds, order=0.0), calibrated_by=ORDER, order=0.0
    ),
    diversity.shannon: Spec(_AMOUNT, bounds.shannon_bounds, calibrated_by=ORDER, order=1.0),
    diversity.hhi: Spec(_SHARE, bounds.hhi_bounds, calibrated_by=ORDER, order=2.0, falls=True),
    diversity.evenness: Spec(_SHARE, bounds.evenness_bounds, calibrated_by=NUMBER),
    diversity.pielou: Spec(_SHARE, bounds.pielou_bounds, calibrated_by=NUMBER),
    diversity.concentration_ratio: _LARGEST,
    diversity.top_share: _LARGEST,
    similarity.rao: Spec(_SHARE),
    similarity.rao_equivalent: Spec(_EFFECTIVE),
    similarity.stirling: Spec(_AMOUNT),
    similarity.leinster_cobbold: Spec(_EFFECTIVE, calibrated_by=ORDER, order=1.0),
    inequality.golosov: Spec(_EFFECTIVE),
    inequality.unctad_concentration: Spec(_SHARE),
    inequality.gini: Spec(_SHARE),
    inequality.hoover: Spec(_SHARE),
    inequality.theil: Spec(_AMOUNT),
    alignment.position: Spec(),
    alignment.spread: Spec(_AMOUNT),
    alignment.vulnerability: Spec(_AMOUNT),
    alignment.connectedness: Spec(_AMOUNT),
    risk.variance: Spec((0.0, 0.25)),
    risk.independent_partners: Spec(_EFFECTIVE),
    risk.shortfall: Spec(_SHARE),
    risk.robustness: Spec((0.0, 0.5)),
    unseen.unbiased_simpson: Spec(_SHARE, needs_counts=True),
    unseen.chao1: Spec(_EFFECTIVE, needs_counts=True),
    unseen.coverage: Spec(_SHARE, needs_counts=True),
    unseen.chao_shen: Spec(_AMOUNT, needs_counts=True),
    rarefaction.coverage_at: Spec(_SHARE, needs_counts=True),
    rarefaction.size_of: Spec(_EFFECTIVE, needs_counts=True),
    rarefaction.at_size: Spec(_EFFECTIVE, needs_counts=True),
    rarefaction.at_coverage: Spec(_EFFECTIVE, needs_counts=True),
}


@dataclass(frozen=True)
class Measure:
    """A measure with its options: what it is called with, beside weights and distances."""

    function: Callable[..., np.ndarray]
    options: Mapping[str, Any]

    @classmethod
    def of(cls, function: Callable[..., np.ndarray], options: Mapping[str, Any]) -> "Measure":
        """Unwrap `functools.partial`; of an option that is given twice, `options` counts.

        A partial with positional arguments stays as it is, since it does not begin with weights.
        """
        if not callable(function):
            is_text = isinstance(function, str)
            got = repr(function) if is_text else f"a {type(function).__name__}"
            raise ParameterError(
                f"function: expected a function of weights, such as an.hill; got {got}."
            )
        while isinstance(function, partial) and not function.args:
            options = {**function.keywords, **options}
            function = function.func
        return cls(function, options)

    def with_order(self, order: float) -> "Measure":
        """Return the same measure with another order."""
        return Measure(self.function, {**self.options, "order": order})

    @property
    def name(self) -> str:
        """What its function is called."""
        return getattr(self.function, "__name__", "measure")

    @property
    def spec(self) -> Spec:
        """What is known of it."""
        try:
            return SPECS.get(self.function, _UNKNOWN)
        except TypeError:  # an object that can be called, but has no hash
            return _UNKNOWN

    @property
    def is_known(self) -> bool:
        """Whether it has an entry in `SPECS`."""
        return self.spec is not _UNKNOWN

    @property
    def order(self) -> Any:
        """Order of the Hill number that it is or follows from; none if it does not."""
        return self.options.get("order", self.spec.order)

    @property
    def is_number(self) -> bool:
        """Whether it is the number of partners, or depends on nothing else."""
        return self.spec.calibrated_by is not None and np.array_equal(self.order, 0)

    @property
    def id(self) -> str:
        """Its name for programs: the function, and what its options say: `hill_1`."""
        usual = {n: p.default for n, p in _parameters(self.function).items()}
        options = {**{n: usual[n] for n in _ALWAYS if n in usual}, **self.options}
        words = [_word(name, value, usual.get(name)) for name, value in options.items()]
        name = self.name if self.name.isidentifier() else "measure"
        return "_".join([name, *filter(None, words)])

    def takes(self) -> list[str]:
        """List the options that its function takes by name, as far as it says so."""
        parameters = list(_parameters(self.function).values())[1:]
        return [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]

    def unknown_options(self) -> list[str]:
        """List the options given that its function does not take."""
        parameters = _parameters(self.function).values()
        if not parameters or any(p.kind is p.VAR_KEYWORD for p in parameters):
            return []
        return [name for name in self.options if name not in self.takes()]

    def missing_options(self) -> list[str]:
        """List the options that its function cannot do without, and that are not given."""
        known = {*self.options, *_PARTNER_ARGUMENTS}
        needed = list(_parameters(self.function).values())[1:]  # the first are the weights
        kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        return [
            one.name
            for one in needed
            if one.kind in kinds and one.default is one.empty and one.name not in known
        ]

    def partner_argument(self) -> tuple[str, bool]:
        """Name the argument that says more of its partners, and whether it cannot do without."""
        for name, parameter in _parameters(self.function).items():
            if name in _PARTNER_ARGUMENTS and name not in self.options:
                return name, parameter.default is parameter.empty
        return "", False


def _parameters(function: Callable) -> Mapping[str, inspect.Parameter]:
    """Of a function that does not say what it takes, none."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _word(name: str, value: object, usual: object) -> str:
    """Say of an option what a name needs; nothing if it is as usual, or no plain value."""
    if isinstance(value, bool):
        return name if value else ""
    if not isinstance(value, int | float | str | np.number) or (
        name not in _ALWAYS and value == usual
    ):
        return ""
    text = value if isinstance(value, str) else f"{value:g}"
    return text if name in _ALWAYS else f"{name}_{text}"
