@NullMarked
package io.bida.sql;

import org.jspecify.annotations.NullMarked;
