"""The widgets of the portal: frame, cards, charts, tables, uploads. Pages are made of these and plain streamlit."""
