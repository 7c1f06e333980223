/**
 * Megatorrent for Java: puts files into a Megatorrent cluster and gets them back, encrypted before they leave the program and spread over
 * nodes so that some of those may lie, die or lose their disks.
 *
 * <pre>{@code
 * try (Client client = Client.open()) {
 *     String capability = client.putFile(Path.of("photo.jpg")).capability();
 *     client.getFile(capability, Path.of("copy.jpg"));
 * }
 * }</pre>
 *
 * <p>Behind it is {@code libmegatorrent}, which the jar carries; {@link org.megatorrent.Megatorrent} says where it is unpacked.
 *
 * <p>What holds everywhere:
 * <ul>
 * <li>An argument that is null is a {@link java.lang.NullPointerException}, a position or length outside of an array or buffer an
 *     {@link java.lang.IndexOutOfBoundsException}, any other value that cannot be used an {@link java.lang.IllegalArgumentException}, and
 *     an object that was closed an {@link java.lang.IllegalStateException} (a stream or channel: an {@link java.io.IOException}, as such
 *     have it). What the library finds wrong with bytes, other parties or resources is a {@link org.megatorrent.MegatorrentException};
 *     where a method does not declare that, nothing but its arguments can be wrong, and what the library says is the cause of the
 *     {@code IllegalArgumentException} or {@code IllegalStateException}.
 * <li>A {@link java.nio.ByteBuffer} that is read is read from its position to its limit, and its position moves to the limit; one that is
 *     written to is written from its position on, and its position moves behind the last byte. After a failure positions are as before.
 *     Erasure coding takes many buffers and moves none of them.
 * <li>Direct buffers are used in place. A {@code byte[]} or heap buffer is pinned while hashing, sealing, signing or coding works on it, at
 *     most 16 MiB at once; it is copied once where the library waits for the network, so use direct buffers or streams for what is large.
 * <li>Every object may be used by many threads unless it says otherwise, and closing it while another thread uses it is safe: that call
 *     completes or fails. Closing twice does nothing. An object that is not closed is closed some time after it has become unreachable.
 * <li>No code of the program runs on a thread of the library, not even a listener.
 * </ul>
 */
package org.megatorrent;
