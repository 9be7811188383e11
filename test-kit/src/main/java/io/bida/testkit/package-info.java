/**
 * What tests against the real thing need: real database servers without Docker ({@link io.bida.testkit.DatabaseServer},
 * {@link io.bida.testkit.Databases}) and a network that fails on demand ({@link io.bida.testkit.FaultyProxy}). The
 * servers' binaries and the JDBC drivers are the user's own test dependencies; when one is missing, the exception names
 * the Maven artifact to add.
 */
@NullMarked
package io.bida.testkit;

import org.jspecify.annotations.NullMarked;
