package org.megatorrent;

import java.nio.ByteBuffer;
import java.util.Objects;

/** Shards as native methods take them; see {@link Memory}. */
final class Shards {
    final Object[] objects;
    final int[] wheres;

    /** Bytes of each; -1 for a shard that is null. */
    private final int[] lengths;

    private Shards(int count) {
        objects = new Object[count];
        wheres = new int[count];
        lengths = new int[count];
    }

    static Shards of(byte[][] shards, boolean orNull) {
        Shards all = new Shards(shards.length);
        for (int i = 0; i < shards.length; i++) {
            if (orNull && shards[i] == null) {
                all.lengths[i] = -1;
            } else {
                all.put(i, Memory.of(shards[i]));
            }
        }
        return all;
    }

    static Shards toRead(ByteBuffer[] shards) {
        Shards all = new Shards(shards.length);
        for (int i = 0; i < shards.length; i++) {
            all.put(i, Memory.toRead(shards[i]));
        }
        return all;
    }

    static Shards toWrite(ByteBuffer[] shards) {
        Shards all = new Shards(shards.length);
        for (int i = 0; i < shards.length; i++) {
            all.put(i, Memory.toWrite(shards[i]));
        }
        return all;
    }

    static Shards toRebuild(ByteBuffer[] shards, boolean[] present) {
        Shards all = new Shards(shards.length);
        for (int i = 0; i < shards.length; i++) {
            boolean there = i >= present.length || present[i];
            if (!there && shards[i] == null) {
                all.lengths[i] = -1;
            } else {
                all.put(i, there ? Memory.toRead(shards[i]) : Memory.toWrite(shards[i]));
            }
        }
        return all;
    }

    void mustBe(int count, String what) {
        if (objects.length != count) {
            throw new IllegalArgumentException("There are " + objects.length + " " + what + ", not " + count + ".");
        }
    }

    /** The length that all have. */
    int length() {
        int length = -1;
        for (int each : lengths) {
            if (each >= 0 && length >= 0 && each != length) {
                throw new IllegalArgumentException("One shard has " + length + " bytes, another " + each + ".");
            }
            length = Math.max(length, each);
        }
        return Math.max(length, 0);
    }

    Shards followedBy(Shards others) {
        Shards all = new Shards(objects.length + others.objects.length);
        System.arraycopy(objects, 0, all.objects, 0, objects.length);
        System.arraycopy(wheres, 0, all.wheres, 0, wheres.length);
        System.arraycopy(lengths, 0, all.lengths, 0, lengths.length);
        System.arraycopy(others.objects, 0, all.objects, objects.length, others.objects.length);
        System.arraycopy(others.wheres, 0, all.wheres, wheres.length, others.wheres.length);
        System.arraycopy(others.lengths, 0, all.lengths, lengths.length, others.lengths.length);
        return all;
    }

    /** 1 for each shard that is present, which then must not be null; and those that are not must not overlap any. */
    byte[] marks(boolean[] present) {
        if (present.length != objects.length) {
            throw new IllegalArgumentException("There are " + objects.length + " shards, but present has " + present.length + ".");
        }
        byte[] marks = new byte[present.length];
        for (int i = 0; i < present.length; i++) {
            if (present[i]) {
                int index = i;
                Objects.requireNonNull(objects[i], () -> "Shard " + index + " is present, but null.");
                marks[i] = 1;
            } else if (objects[i] != null) {
                mustNotOverlap(i, this);
            }
        }
        return marks;
    }

    /** Refuses what is written to if it overlaps anything; of direct buffers the library sees it. */
    void mustNotOverlap(Shards others) {
        for (int i = 0; i < objects.length; i++) {
            mustNotOverlap(i, this);
            mustNotOverlap(i, others);
        }
    }

    private void mustNotOverlap(int index, Shards others) {
        for (int i = 0; i < others.objects.length; i++) {
            boolean same = others == this && i == index;
            if (!same && objects[index] == others.objects[i] && wheres[index] >= 0
                && wheres[index] < others.wheres[i] + others.lengths[i] && others.wheres[i] < wheres[index] + lengths[index]) {
                throw new IllegalArgumentException("A shard that is written to overlaps another one.");
            }
        }
    }

    private void put(int index, Memory memory) {
        objects[index] = memory.object;
        wheres[index] = memory.where;
        lengths[index] = memory.length;
    }
}
