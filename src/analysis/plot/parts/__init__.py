"""What figures share: colours, series, labels, the look."""
