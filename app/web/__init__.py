"""The portal's port as the web sees it: who may pass, signing in, files in and out, health. No opinion about models."""
