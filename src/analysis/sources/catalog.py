"""What each source is: version, licence, coverage, caveats, hashes; and how to cite it.

Every folder of `data/` that holds a table has a sidecar `source.yml`. A source that the user has
imported replaces the shipped one of the same name. An import of fewer states replaces it for these
only, and one that makes no share for none: the shipped one stays for the others, under its name
with the ending `words.EXTRACT`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd

from .. import paths
from ..errors import ParameterError, SourceFileError
from ..files import inputs
from ..words import EXTRACT
from . import sidecars

#: table of the years of states that a source does not cover, though it covers both
GAPS = "gaps.csv"


@dataclass(frozen=True)
class Source:
    """One sidecar.

    Attributes
    ----------
    key, short : str
        Short name, the folder in `data/`; title in a figure or a sentence.
    licence : dict
        name, url, redistribute (yes or no) and why.
    citation : str
        Key in `data/sources.bib`.
    instrument : str
        Instrument of the ledger, or `none` for a table of another kind.
    coverage : dict
        years: [first, last]; countries: `all`, or the list of states it could have observed;
        direction of observation in `note`.
    sampling : dict
        unit: what may be resampled (exercise, deal, agreement) or `none`; systematic: whether
        shares computed from it mean anything; searched: true of a list of events that
        were searched for, so that absence from it says nothing; note.
    origin : list of dict
        The file(s) it was compiled from: name, sha256, rows.
    files : dict
        File name -> sha256 of the tables beside the sidecar, in `folder`.
    imported : bool
        Whether the user imported it.
    """

    key: str
    title: str
    short: str
    producer: str
    version: str
    published: str
    accessed: str
    url: str
    licence: dict
    citation: str
    unit: str
    instrument: str
    coverage: dict
    sampling: dict
    caveats: list
    changes: list
    origin: list
    files: dict
    folder: Path
    imported: bool

    @property
    def years(self) -> tuple[int, int]:
        """First and last year covered."""
        first, last = self.coverage["years"]
        return int(first), int(last)

    @property
    def is_measurable(self) -> bool:
        """Whether it is a systematic record of ties, of which shares may be computed."""
        return bool(self.sampling["systematic"]) and self.instrument != "none"

    @property
    def is_sample(self) -> bool:
        """Whether it records units, such as events, that can be drawn again."""
        return self.sampling["unit"] != "none"

    @property
    def states(self) -> str:
        """States that it could have observed: `all`, or their codes."""
        seen = self.coverage["countries"]
        return seen if seen == "all" else " ".join(seen)

    def observes(self, country: str) -> bool:
        """Whether the source could have recorded ties of `country`."""
        seen = self.coverage["countries"]
        return seen == "all" or country in seen

    @property
    def missed(self) -> Mapping[str, frozenset[int]]:
        """Years in which a state could not have been recorded, by its code (`gaps.csv`)."""
        if GAPS not in self.files:
            return {}
        return _missed(self.path(GAPS), self.files[GAPS])

    def covers(self, country: str, year: int) -> bool:
        """Whether the source could have recorded ties of `country` in a year."""
        first, last = self.years
        is_missed = year in self.missed.get(country, ())
        return self.observes(country) and first <= year <= last and not is_missed

    def path(self, name: str) -> Path:
        """Path of one of its tables, after comparing its SHA-256 with the sidecar's."""
        if name not in self.files:
            raise SourceFileError(f"{self.key}/source.yml lists no file {name!r}.")
        path = self.folder / name
        if not path.is_file():
            raise SourceFileError(f"{path} is missing; its sidecar lists it.")
        found = sha256(path)
        if found != self.files[name]:
            raise SourceFileError(
                f"{path}: expected SHA-256 {self.files[name]} (source.yml), found {found}. The file"
                " was changed or is damaged: restore it, or build the data again (README, Data)."
            )
        return path


@cache
def _missed(path: Path, _sha256: str) -> Mapping[str, frozenset[int]]:
    table = pd.read_csv(path)
    years: dict[str, set[int]] = {}
    for row in table.itertuples():
        years.setdefault(row.country, set()).update(range(row.first_year, row.last_year + 1))
    return {country: frozenset(found) for country, found in years.items()}


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; of a folder, that of its `sha256sum *` listing."""
    if path.is_dir():
        listing = "".join(f"{sha256(file)}  {file.name}\n" for file in sorted(path.iterdir()))
        return hashlib.sha256(listing.encode()).hexdigest()
    with inputs.open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state(path: Path) -> tuple[int, ...]:
    """Tell whether a file has changed, by what the system knows of it; empty without one."""
    try:
        about = path.stat()
    except OSError:
        return ()
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns


def read_sidecar(folder: Path, *, imported: bool = False) -> Source:
    """Read `folder/source.yml`; the folder's name is the source's short name.

    `imported` says whether the user imported it.
    """
    return _read_sidecar(folder, imported, state(folder / "source.yml"))


@cache
def _read_sidecar(folder: Path, imported: bool, _state: tuple[int, ...]) -> Source:
    """Read one again only when it has changed."""
    fields = sidecars.read(folder / "source.yml")
    return Source(key=folder.name, folder=folder, imported=imported, **fields)


def all_sources() -> dict[str, Source]:
    """Every source at hand by short name, in alphabetical order."""
    found = {}
    for base, imported in ((paths.data_dir(), False), (paths.imports_dir(), True)):
        for sidecar in sorted(base.glob("*/source.yml")):
            found[sidecar.parent.name] = read_sidecar(sidecar.parent, imported=imported)
    behind = [_behind_import(key) for key, source in found.items() if source.imported]
    found.update({source.key: source for source in behind if source})
    return dict(sorted(found.items()))


def _behind_import(key: str) -> Source | None:
    """Give the shipped source behind an import, for the states of which the import has no share."""
    sidecars_of = [base / key / "source.yml" for base in (paths.data_dir(), paths.imports_dir())]
    if Path(key).name != key or not all(path.is_file() for path in sidecars_of):
        return None
    shipped, own = (read_sidecar(path.parent, imported=False) for path in sidecars_of)
    seen = shipped.coverage["countries"]
    if not own.is_measurable:
        left = seen
    else:
        left = [] if seen == "all" else [code for code in seen if not own.observes(code)]
    if not left:
        return None
    coverage = {**shipped.coverage, "countries": left}
    short = f"{shipped.short} (extract)"
    return replace(shipped, key=key + EXTRACT, short=short, coverage=coverage)


def exact(keys: Iterable[str]) -> list[str]:
    """List the sources that give the amounts of each year, which come before those that spread."""
    known = all_sources()
    return [k for k in sorted(set(keys)) if k in known and known[k].sampling.get("exact", False)]


def get(key: str) -> Source:
    """Return one source; an unknown name raises ParameterError with the valid ones."""
    # asked for many times in one figure, so only the two places where it can be are looked at
    for base, imported in ((paths.imports_dir(), True), (paths.data_dir(), False)):
        if Path(key).name == key and (base / key / "source.yml").is_file():
            return read_sidecar(base / key, imported=imported)
    if key.endswith(EXTRACT) and (behind := _behind_import(key.removesuffix(EXTRACT))):
        return behind
    raise ParameterError(f"Unknown source {key!r}. There are: {', '.join(all_sources())}.")


def for_state(key: str, country: str) -> Source:
    """Return the source of a `key`, or the extract behind it if only that observes `country`."""
    source = get(key)
    behind = None if source.observes(country) and source.is_measurable else _behind_import(key)
    return behind if behind and behind.observes(country) else source


def is_replaced(key: str, country: str) -> bool:
    """Whether an import or an extract of the same `key` is the one to ask about a `country`."""
    return (
        not get(key).observes(country) and for_state(key.removesuffix(EXTRACT), country).key != key
    )


def list_sources(keys: Iterable[str] | pd.DataFrame | None = None) -> pd.DataFrame:
    """Table of sources: those named, those in a ledger or any table derived from it, or all.

    Returns
    -------
    DataFrame
        One row a source: source, title, producer, version, instrument, first_year, last_year,
        countries, unit, sampling_unit, systematic, licence, redistribute, url, citation, imported.
    """
    rows = [
        {
            "source": s.key,
            "title": s.title,
            "producer": s.producer,
            "version": s.version,
            "instrument": s.instrument,
            "first_year": s.years[0],
            "last_year": s.years[1],
            "countries": s.states,
            "unit": s.unit,
            "sampling_unit": s.sampling["unit"],
            "systematic": s.sampling["systematic"],
            "licence": s.licence["name"],
            "redistribute": s.licence["redistribute"],
            "url": s.url,
            "citation": s.citation,
            "imported": s.imported,
        }
        for s in map(get, _keys(keys))
    ]
    return pd.DataFrame(rows)


def cite(keys: Iterable[str] | pd.DataFrame | None = None) -> str:
    """BibTeX entries of the sources named, or of those in a ledger; all of them if none is given.

    Raises
    ------
    SourceFileError
        If a sidecar's citation key is not in `data/sources.bib`.
    """
    entries = bibliography()
    wanted = sorted({get(key).citation for key in _keys(keys)})
    if absent := [key for key in wanted if key not in entries]:
        raise SourceFileError(f"data/sources.bib has no entry {', '.join(absent)}.")
    return "\n\n".join(entries[key] for key in wanted)


def how_to_get(key: str) -> str:
    """Say how a user gets data that a shipped extract leaves out; empty if there is no such way."""
    if not key.startswith("sipri"):
        return ""
    return (
        "SIPRI's terms do not let the project pass on more. Export the trade register from"
        f" <{get(key).url}> and run `partnerships import sipri FILE`."
    )


def bibliography() -> dict[str, str]:
    """Entries of `data/sources.bib` by key."""
    path = paths.data_dir() / "sources.bib"
    text = path.read_text("utf-8")
    blocks = [f"@{block.strip()}" for block in ("\n" + text).split("\n@")[1:]]
    return {block.split("{", 1)[1].split(",", 1)[0].strip(): block for block in blocks}


def _keys(keys: Iterable[str] | pd.DataFrame | None) -> list[str]:
    if keys is None:
        return list(all_sources())
    if isinstance(keys, pd.DataFrame):
        if "source" not in keys:
            raise ParameterError("The table has no column `source`; say whose sources are meant.")
        keys = keys["source"].dropna()
    elif isinstance(keys, str):
        keys = [keys]
    return sorted(set(keys))
