"""What workers do: one module per kind of job. The control process never imports these."""
