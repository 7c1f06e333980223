package org.megatorrent.suite;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.megatorrent.Client;

/** The behaviour suite in Java; tests/abi/README.md says what it does and what it prints. */
public final class Suite {
    private final Map<String, Behaviour> behaviours = new LinkedHashMap<>();

    private Suite() {
    }

    /** Shows one behaviour; whatever it throws is a failure, except {@link Skip}. */
    interface Behaviour {
        void show() throws Exception;
    }

    /** Where behaviours are put by their ids. */
    interface Book {
        void add(String id, Behaviour behaviour);
    }

    /** Says why a behaviour cannot be shown here. */
    static final class Skip extends RuntimeException {
        private static final long serialVersionUID = 1;

        Skip(String why) {
            super(why);
        }
    }

    /**
     * Runs the suite.
     *
     * @param args one of the lines of arguments in tests/abi/README.md
     * @throws Exception if something fails
     */
    public static void main(String[] args) throws Exception {
        String verb = args.length == 0 ? "" : args[0];
        if (verb.equals("behaviours") && args.length == 2) {
            System.exit(new Suite().behaviours(Path.of(args[1])) ? 0 : 1);
        } else if (verb.equals("put") && args.length == 2) {
            try (Client client = Client.open()) {
                System.out.println(client.putFile(Path.of(args[1])).capability());
            }
        } else if (verb.equals("get") && args.length == 3) {
            try (Client client = Client.open()) {
                client.getFile(args[1], Path.of(args[2]));
            }
        } else if (verb.equals("bench") && args.length <= 2) {
            Bench.run(List.of(args));
        } else if (verb.equals("soak") && args.length == 2) {
            System.exit(Soak.run(Integer.parseInt(args[1])) ? 0 : 1);
        } else if (verb.equals(MisuseBehaviours.EXIT) && args.length == 1) {
            MisuseBehaviours.exitUnderWay();
        } else {
            System.err.println("behaviours VECTORS | put FILE | get CAPABILITY PATH | bench [CAPABILITY] | soak SECONDS");
            System.exit(2);
        }
    }

    private boolean behaviours(Path folder) throws IOException {
        Vectors vectors = new Vectors(folder);
        CodecBehaviours.list(vectors, behaviours::put);
        DocumentBehaviours.list(vectors, behaviours::put);
        SessionBehaviours.list(vectors, behaviours::put);
        ClientBehaviours.list(behaviours::put);
        ClientFailures.list(vectors, behaviours::put);
        StreamBehaviours.list(behaviours::put);
        MisuseBehaviours.list(behaviours::put);

        boolean hasCluster = System.getenv("MEGATORRENT_CLUSTER") != null && System.getenv("MEGATORRENT_CREDENTIAL") != null;
        boolean good = true;
        for (Vectors.Case listed : vectors.cases("behaviours", "behaviours")) {
            if (!listed.texts("languages").contains("Java")) {
                continue;
            }
            String id = listed.text("id");
            Behaviour behaviour = behaviours.remove(id);
            if (listed.flag("cluster") && !hasCluster) {
                System.out.println("skip " + id + ": no cluster");
            } else if (behaviour == null) {
                System.out.println("not ok " + id + ": this suite does not know it");
                good = false;
            } else {
                good &= show(id, behaviour);
            }
        }
        for (String id : behaviours.keySet()) {
            System.out.println("not ok " + id + ": the list does not know it");
            good = false;
        }
        return good;
    }

    private static boolean show(String id, Behaviour behaviour) {
        try {
            behaviour.show();
            System.out.println("ok " + id);
            return true;
        } catch (Skip skip) {
            System.out.println("skip " + id + ": " + skip.getMessage());
            return true;
        } catch (Throwable failure) {
            System.out.println("not ok " + id + ": " + String.valueOf(failure.getMessage()).replace('\n', ' '));
            failure.printStackTrace();
            return false;
        }
    }
}
