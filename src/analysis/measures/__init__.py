"""Measures: numpy arrays of shape (..., n_partners) in, numbers out.

How many, how evenly   diversity (Hill numbers, Herfindahl–Hirschman index, evenness),
                       inequality (indices from other fields), effective (how it is computed)
How unlike             similarity (Rao, Stirling, Leinster–Cobbold), alignment (political distance)
How sure               unseen (what a record has missed), rarefaction (at equal coverage),
                       bounds (what a source leaves open)
How it changes         trends (trend and breaks), turnover (who came and went),
                       partition (within and between parts)
How exposed            risk (shortfall if partners default)

What each measure is, its limits, bounds and kind of interval, stands in `_specs`.
"""
