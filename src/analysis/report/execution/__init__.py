"""Run a notebook in a kernel of its own, warm or not.

surroundings   the folder and the environment of a kernel
kernel         run a notebook in it, within its time
warm           what a warm process imports before kernels are copied from it
clean          remove from an executed notebook what differs from run to run
"""
