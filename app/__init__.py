"""Composition: the verbs people use, and the ways in (command line now; portal and control API join later)."""

import os

# OpenMP threads that spin while they wait starve each other when anything else runs on the machine: training
# took up to 40 times its time then. The libraries read this when they are loaded, so it stands first.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
