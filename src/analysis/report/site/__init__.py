"""The site: one static page over all reports in a folder, what changed, and feeds."""
