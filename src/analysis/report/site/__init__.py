"""The site: one static page over all reports in a folder, what changed, and feeds.

index      the page over all states
country    the front page of a state
headline   effective partners over time, as small lines
folder     read report folders that may hold anything
changes    what differs between a report and the one that it replaces
history    the log of changes, in words, JSON and Atom
run_log    the log of runs
notify     messages on failures and changes
logs       a log file of the command
"""
