"""What AI Mass knows about data and models: no database, no screen, no clock or path it was not given."""
