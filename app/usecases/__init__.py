"""The verbs: plain functions that the command line, the portal and the control API all call."""
