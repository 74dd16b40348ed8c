"""From the ledger to portfolios of partners, and from these to tables of measures."""
