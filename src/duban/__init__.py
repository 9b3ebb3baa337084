"""duban (督办): a government's plans and reports in one append-only ledger."""

__version__ = "0.1.0"
