/** Sinks with a flaw built in, for tests that must be able to find it; {@code -Pcontrol} makes a jar of them. */
package io.featuremill.redis.forgetful;
