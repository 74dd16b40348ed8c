"""Files that others hand over or share: read, held open and replaced safely."""
