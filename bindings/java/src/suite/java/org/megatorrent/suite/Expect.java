package org.megatorrent.suite;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.megatorrent.MegatorrentException;

/** What must hold, and what is said when it does not. */
final class Expect {
    private Expect() {
    }

    /** Something that may fail. */
    interface Action {
        void run() throws Exception;
    }

    static void that(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    static void equal(Object expected, Object seen, String what) {
        that(Objects.equals(expected, seen), what + ": " + seen + ", not " + expected);
    }

    static void equal(byte[] expected, byte[] seen, String what) {
        that(Arrays.equals(expected, seen), what + ": " + brief(seen) + ", not " + brief(expected));
    }

    /** The action fails with one of these statuses, which have the names of the header. */
    static Throwable fails(Action action, String what, String... statuses) {
        try {
            action.run();
        } catch (Throwable failure) {
            String seen = status(failure);
            if (!Arrays.asList(statuses).contains(seen)) {
                throw new AssertionError(what + ": " + seen + ", not " + String.join(" or ", statuses), failure);
            }
            return failure;
        }
        throw new AssertionError(what + ": no failure, but it should be " + String.join(" or ", statuses));
    }

    /** The action throws one of these. */
    @SafeVarargs
    static Throwable throwsOne(Action action, String what, Class<? extends Throwable>... types) {
        try {
            action.run();
        } catch (Throwable failure) {
            for (Class<? extends Throwable> type : types) {
                if (type.isInstance(failure)) {
                    return failure;
                }
            }
            throw new AssertionError(what + ": " + failure, failure);
        }
        throw new AssertionError(what + ": nothing was thrown");
    }

    /**
     * The status that an exception stands for: its own, that of its cause, or for an exception of Java that a check in front of the library
     * has thrown, the one that the library would have given.
     */
    static String status(Throwable failure) {
        if (failure instanceof ExecutionException || failure instanceof CompletionException) {
            return status(failure.getCause());
        }
        if (failure instanceof MegatorrentException exception) {
            return "MT_ERROR_" + exception.status().name();
        }
        if (failure.getCause() instanceof MegatorrentException cause) {
            return status(cause);
        }
        if (failure instanceof IllegalArgumentException || failure instanceof IndexOutOfBoundsException) {
            return "MT_ERROR_INVALID_ARGUMENT";
        }
        if (failure instanceof IllegalStateException) {
            return "MT_ERROR_STATE";
        }
        if (failure instanceof NullPointerException) {
            return "MT_ERROR_NULL_POINTER";
        }
        return failure.toString();
    }

    private static String brief(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        return bytes.length <= 64
            ? HexFormat.of().formatHex(bytes)
            : bytes.length + " bytes beginning with " + HexFormat.of().formatHex(bytes, 0, 16);
    }
}
