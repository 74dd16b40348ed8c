"""What is on record, where it comes from, and whether it may be used."""
