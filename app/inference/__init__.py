"""The inference plane: its own process that answers requests with published models, while all else may be down."""
