package org.megatorrent;

import java.time.Instant;

/** Times as the library has them: nanoseconds since 1970, from 1677 to 2262. */
final class Times {
    private static final long NANOSECONDS = 1_000_000_000;

    private Times() {
    }

    static Instant of(long unixNs) {
        return Instant.ofEpochSecond(Math.floorDiv(unixNs, NANOSECONDS), Math.floorMod(unixNs, NANOSECONDS));
    }

    static long toUnixNs(Instant time) {
        try {
            // Before 1970 the seconds are rounded down, and alone may not fit.
            long seconds = time.getEpochSecond();
            int nanoseconds = time.getNano();
            return seconds < 0 && nanoseconds > 0
                ? Math.addExact(Math.multiplyExact(seconds + 1, NANOSECONDS), nanoseconds - NANOSECONDS)
                : Math.addExact(Math.multiplyExact(seconds, NANOSECONDS), nanoseconds);
        } catch (ArithmeticException exception) {
            throw new IllegalArgumentException("The time " + time + " is not from 1677 to 2262.", exception);
        }
    }
}
