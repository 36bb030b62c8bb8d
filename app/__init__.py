"""Composition: the verbs people use, and the ways in (command line now; portal and control API join later)."""
