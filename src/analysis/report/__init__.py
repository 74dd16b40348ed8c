"""Reports: a notebook run for a state, as a page with its figures, numbers and provenance.

names        what reports are called
parameters   what a notebook takes
planning     which reports a run makes, and why
run          one report: from a notebook and a state to a folder
batch        many reports, several at a time
progress     how far a run is
execution/   run a notebook in a kernel
outputs      take figures and tables out of an executed notebook
inert        make the HTML of outputs inert
pages        make the HTML page
pdf          the same page as PDF
manifest     what a report is made from
publish      put it in place atomically
verify       check its files against the manifest
site/        one static site over all reports

Needs the extra `report`.
"""
