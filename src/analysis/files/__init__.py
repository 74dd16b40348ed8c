"""Files that others hand over or share: read, opened and replaced safely.

inputs      open ordinary files only
delimited   read delimited text in bounded memory
tables      tables of text with the expected columns
folders     reach files through an open folder, never through a link
staging     replace a folder atomically, even if the process is killed
"""
