"""What happened, kept: run folders now; the portal's tables join them later. No opinion about models."""
