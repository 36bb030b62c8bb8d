"""What happened, kept: the portal's tables, the files beside them and run folders. No opinion about models."""
