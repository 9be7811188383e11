/**
 * Over the streams of Redis 7 and later: {@link io.bida.transport.redis.RedisSender} appends to a stream, {@link
 * io.bida.transport.redis.RedisReceiver} reads one as a consumer group.
 */
@NullMarked
package io.bida.transport.redis;

import org.jspecify.annotations.NullMarked;
