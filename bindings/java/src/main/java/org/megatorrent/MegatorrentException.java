package org.megatorrent;

import java.io.IOException;

/** The library could not do what was asked: {@link #status} says why to programs, the message to people. */
public final class MegatorrentException extends IOException {
    private static final long serialVersionUID = 1;

    /** What the status is called by the library. */
    private final int code;

    /** What went wrong, as a sentence. */
    private final String detail;

    /**
     * Makes an exception.
     *
     * @param status what went wrong
     * @param detail the same as a sentence, for people
     */
    public MegatorrentException(Status status, String detail) {
        this(status.code(), detail);
    }

    MegatorrentException(int code, String detail) {
        super(message(code, detail));
        this.code = code;
        this.detail = detail;
    }

    /**
     * Returns what went wrong.
     *
     * @return the status; {@link Status#UNKNOWN} if the library is later than this jar and says something new
     */
    public Status status() {
        return Status.of(code);
    }

    /**
     * Returns what went wrong, as the number that the library uses.
     *
     * @return a negative number
     */
    public int code() {
        return code;
    }

    /**
     * Returns what went wrong as a sentence, without the status.
     *
     * @return the sentence; empty if the library says nothing
     */
    public String detail() {
        return detail;
    }

    private static String message(int code, String detail) {
        Status status = Status.of(code);
        String name = status == Status.UNKNOWN ? "status " + code : status.name();
        return detail.isEmpty() ? name : detail + " (" + name + ")";
    }
}
