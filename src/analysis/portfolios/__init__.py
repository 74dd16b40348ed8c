"""From the ledger to portfolios of partners, and from these to tables of measures.

panel           gather ties into windows: portfolios
shares          shares of the partners
measure         a measure of each portfolio with its interval
differences     differences between two portfolios
battery         the measures that every report shows
uncertainty     resampling, the only random numbers
calibration     how often intervals contained the truth in simulation
disparity       distances between partners
losses          what the loss of partners does
specification   one statement over all defensible choices
calls, layout   how measures are called, many portfolios at a time
"""
