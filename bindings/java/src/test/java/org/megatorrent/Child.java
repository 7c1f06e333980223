package org.megatorrent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs a class of the tests in a JVM of its own. */
final class Child {
    private static final int LIMIT_SECONDS = 120;

    final int exitCode;
    final String output;

    private Child(int exitCode, String output) {
        this.exitCode = exitCode;
        this.output = output;
    }

    static Child run(Class<?> main, List<String> options, Map<String, String> environment, String... args) throws Exception {
        return run(main.getName(), System.getProperty("java.class.path"), options, environment, args);
    }

    static Child run(String main, String classPath, List<String> options, Map<String, String> environment, String... args)
        throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xcheck:jni", "-XX:+AllowUserSignalHandlers"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> {
            try {
                return new String(process.getInputStream().readAllBytes());
            } catch (IOException exception) {
                return exception.toString();
            }
        });
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(main + " did not end: " + output.get(10, TimeUnit.SECONDS));
        }
        String text = output.get(10, TimeUnit.SECONDS);
        if (text.contains("WARNING")) {
            throw new AssertionError(text);
        }
        return new Child(process.exitValue(), text);
    }
}
