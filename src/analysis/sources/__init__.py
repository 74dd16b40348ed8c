"""What is on record, where it comes from, and whether it may be used.

ledger        what one row is, and the one gate that checks it
store         read ties: shipped and imported
catalog       what each source is, and how to cite it
sidecars      read `source.yml`
countries     names and codes of states, bounded by year
audit         what a loader did with each row
imported      keep what a user imports
user_tables   claims and shocks, written by hand
"""
