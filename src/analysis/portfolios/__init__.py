"""portfolios."""
