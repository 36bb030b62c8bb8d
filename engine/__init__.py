"""What AI Mass knows about data and models: no database, no screen, no clock or path it was not given."""

import os

# onnxruntime's builds since 1.29 report each session to their maker and keep an identifier of the machine in the home
# folder. It reads this once, when it is loaded, so it stands before every module that loads it; nobody may undo it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
