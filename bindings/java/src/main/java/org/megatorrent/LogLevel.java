package org.megatorrent;

/** How much a line of the log matters. */
public enum LogLevel {
    /** Something failed for good. */
    ERROR(1),
    /** Something is wrong, and was got around. */
    WARNING(2),
    /** What a user may like to know. */
    INFO(3),
    /** What helps to find a defect. */
    DEBUG(4);

    private final int code;

    LogLevel(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static LogLevel of(int code) {
        return values()[Math.max(ERROR.code, Math.min(code, DEBUG.code)) - 1];
    }
}
