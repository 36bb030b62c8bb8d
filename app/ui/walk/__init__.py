"""The steps of the walk, one module each. Every step proposes, says why, and can be changed, left and come back to.

Each has `draw(here, run)`: here is the visit, run the `RunView` of app.usecases.runs.
"""
