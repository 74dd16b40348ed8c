"""agreements_and_alliances."""
