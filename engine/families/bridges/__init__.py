"""Modules that import a heavy library at their top; only a family's `build` imports them."""

import os

# OpenMP's threads otherwise spin while they wait for each other: on a machine that does anything else beside,
# LightGBM was measured two to four times slower. Read once, when the first of these libraries is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
