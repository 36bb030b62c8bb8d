"""Modules that import a heavy library at their top; only a family's `build` imports them."""
