package org.megatorrent;

/** Takes what the library has to say, line by line. Calls never overlap. What a listener throws is ignored. */
@FunctionalInterface
public interface LogListener {
    /**
     * Takes one line.
     *
     * @param level how much it matters
     * @param message the line, without an end of line; no secret is ever in it
     */
    void log(LogLevel level, String message);
}
