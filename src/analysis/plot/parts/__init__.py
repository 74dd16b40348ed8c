"""What figures share.

series          which series a table holds, and how each looks
colours         colours, dashes and markers
style           panels, headings, gaps, source lines
labels          labels that do not collide
point_labels    labels beside points
interval_ends   ends of intervals: closed, open or none
sentences       sentences of alt texts
borders         outlines of states
"""
