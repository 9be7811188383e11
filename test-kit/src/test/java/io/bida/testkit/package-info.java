@NullMarked
package io.bida.testkit;

import org.jspecify.annotations.NullMarked;
