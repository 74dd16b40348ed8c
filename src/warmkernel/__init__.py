"""Kernels that have started already: a provisioner for Jupyter.

Most of the time that a short notebook takes is spent on starting Python and importing libraries.
Here a process does both once; each kernel is a copy (a fork) of it, and from then on an ordinary
ipykernel in a process of its own. papermill, nbclient, nbconvert and JupyterLab use it by a
kernelspec::

    {"argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
     "display_name": "Python 3 (warm)", "language": "python",
     "metadata": {"kernel_provisioner": {"provisioner_name": "warm-fork-provisioner",
                                         "config": {"preload": ["pandas", "matplotlib.pyplot"]}}}}

Where a process cannot be copied safely (Windows, macOS), or the libraries cannot be imported, an
ordinary kernel is started, with a warning that says why. Nothing here knows of the project it comes
with; docs/warm-kernels.md explains it.

provisioner  what Jupyter calls, in the process that wants kernels
parent       what is copied, in a process of its own; needs the standard library only
"""
