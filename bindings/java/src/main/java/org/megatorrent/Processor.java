package org.megatorrent;

/**
 * What the library runs on.
 *
 * @param level the processor that the build in use is for: {@code x86-64-v3}, {@code x86-64-v4} (AVX-512) or {@code portable}
 * @param kernels what is in use on this processor, for people, such as {@code erasure=avx2 cipher=ipsec-mb sha256=sha-ni}
 */
public record Processor(String level, String kernels) {
}
