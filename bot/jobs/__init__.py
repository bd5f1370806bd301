"""poll, deliver, digest: the only loops. The first two meet only at the store's deliveries."""
