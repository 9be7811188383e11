package io.bida.inbox;

/** How often an inbox gave each answer since it was built. */
public record InboxCounts(long handled, long duplicates, long conflicts, long rejected, long retries) {}
