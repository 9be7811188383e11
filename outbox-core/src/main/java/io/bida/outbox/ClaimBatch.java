package io.bida.outbox;

import java.util.List;

/**
 * What a read brought, in order.
 *
 * @param last whether there was nothing beyond it
 */
public record ClaimBatch(List<Claim> claims, boolean last) {}
