"""Reports: a notebook run for a state, as a page with its figures, numbers and provenance.

parameters   what a notebook takes
names        what reports are called
kernel       run a notebook in a kernel that nothing else decides about
warm         what a warm process does before kernels are copied from it
outputs      take figures and tables out of it
inert        HTML of outputs, of which nothing acts
pages        make the HTML page
pdf          the same page as PDF
manifest     say what it was made from, and check that it is still what was made
place        put it in place, whole or not at all
found        what lies in a folder of reports, believed as far as it is checked
headline     effective partners over time, as a small line
country      the front page of a state's folder
changes      what changes when a report takes the place of an older one
history      the log of changes, in words, JSON and Atom
runs         the log of runs
site         the index of all states
notify       tell people of failures and changes
logs         a log file of the command
run          all of it: make_report
progress     tell how far a run is
batch        many reports, several at a time

Needs the extra `report`.
"""
