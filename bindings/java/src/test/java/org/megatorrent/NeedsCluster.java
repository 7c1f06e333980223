package org.megatorrent;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Tests that need a cluster; {@code megatorrent cluster up} starts one, and prints nothing that must be set but the variable. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfEnvironmentVariable(
    named = "MEGATORRENT_CLUSTER", matches = ".+", disabledReason = "MEGATORRENT_CLUSTER names no cluster to test with")
@interface NeedsCluster {
}
