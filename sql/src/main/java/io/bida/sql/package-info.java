/**
 * Where messages rest. The schema is a plain SQL file per database, complete: {@code db/bida/<dialect>/V1__bida.sql} on
 * the class path, named for Flyway and usable by Liquibase or by hand. {@link io.bida.sql.Dialect} is what each
 * database says in its own way.
 */
@NullMarked
package io.bida.sql;

import org.jspecify.annotations.NullMarked;
