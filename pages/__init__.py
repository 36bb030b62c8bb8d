"""One Streamlit script per screen, thin, in the order of the work. Imports only streamlit, app.usecases and app.ui."""
