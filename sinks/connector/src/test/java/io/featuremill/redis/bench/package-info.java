/**
 * Other ways to write feature rows to Redis, for {@code nox -s bench-sinks} to compare the sink with; {@code -Pcontrol} makes a jar
 * of them. They use Jedis as it comes, which has to be on the class path.
 */
package io.featuremill.redis.bench;
