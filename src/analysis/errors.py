"""Mistakes a person can mend: the command line prints their text, never a traceback."""


class PartnershipError(Exception):
    """Base class; `str(error)` is the whole message: what was wrong, where, what to do."""


class DiskError(PartnershipError):
    """A full disk or the like: nothing is wrong with what was asked for."""


class LedgerError(PartnershipError):
    """Rows that break the ledger's contract; lists every one of them."""


class UnknownCountryError(PartnershipError):
    """Names or codes which match no state; lists all of them."""


class SourceFileError(PartnershipError):
    """A source file that is not what its loader reads: missing, truncated, another layout."""


class ParameterError(PartnershipError):
    """An unknown or ill-typed parameter, with the valid ones."""
