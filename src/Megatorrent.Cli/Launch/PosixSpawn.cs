using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Megatorrent.Cli.Launch;

/// <summary>
/// Starts a process that outlives us: a session of its own, standard input from nothing, output into a file, and none of our descriptors,
/// so that a pipe around the launching command closes when that command ends. .NET's Process class can do none of this.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class PosixSpawn
{
    // Flags of glibc and musl; POSIX_SPAWN_SETSID is in POSIX since 2024.
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;

    // Larger than posix_spawnattr_t (336 bytes), posix_spawn_file_actions_t (80) and sigset_t (128) of any libc on 64-bit Linux.
    private const int OpaqueLength = 1024;

    private const int WriteOnly = 0x001, Create = 0x040, Append = 0x400;
    private const uint OutputMode = 0x180; // 0600
    private const int WaitNoHang = 1;
    private const int SignalPipe = 13;

    /// <summary>Starts <paramref name="file"/>.</summary>
    /// <returns>Its process id.</returns>
    /// <exception cref="IOException">The system refused; the message has its reason.</exception>
    public static int Start(string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment,
        string outputPath)
    {
        byte* actions = stackalloc byte[OpaqueLength];
        byte* attributes = stackalloc byte[OpaqueLength];
        byte* signals = stackalloc byte[OpaqueLength];
        Check(posix_spawn_file_actions_init(actions), "prepare");
        Check(posix_spawnattr_init(attributes), "prepare");
        byte** argv = Strings([file, .. arguments]);
        byte** envp = Strings([.. environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        try
        {
            Check(posix_spawn_file_actions_addopen(actions, 0, "/dev/null", 0, 0), "open /dev/null for");
            Check(posix_spawn_file_actions_addopen(actions, 1, outputPath, WriteOnly | Create | Append, OutputMode),
                $"open {outputPath} for");
            Check(posix_spawn_file_actions_adddup2(actions, 1, 2), "prepare");
            foreach (int descriptor in InheritedDescriptors())
                Check(posix_spawn_file_actions_addclose(actions, descriptor), "prepare");
            _ = sigemptyset(signals);
            Check(posix_spawnattr_setsigmask(attributes, signals), "prepare");
            _ = sigaddset(signals, SignalPipe); // the runtime ignores it, and an ignored signal would stay ignored over exec
            Check(posix_spawnattr_setsigdefault(attributes, signals), "prepare");
            Check(posix_spawnattr_setflags(attributes, SetSession | SetSignalMask | SetSignalDefaults), "prepare");
            int error = posix_spawn(out int pid, file, actions, attributes, argv, envp);
            Check(error, $"start {file} for");
            return pid;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
            Free(argv);
            Free(envp);
        }
    }

    /// <summary>
    /// Whether our child <paramref name="pid"/> has ended (its exit is then collected); null when it is no child of ours.
    /// </summary>
    public static bool? HasEnded(int pid)
    {
        int result = waitpid(pid, out _, WaitNoHang);
        return result < 0 ? null : result == pid;
    }

    // Every descriptor above the three: what we got from our parent without close-on-exec would otherwise live on in the node.
    private static IEnumerable<int> InheritedDescriptors() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Select(path => int.TryParse(Path.GetFileName(path), out int descriptor) ? descriptor : 0)
            .Where(descriptor => descriptor > 2)
            .ToArray();

    private static byte** Strings(string[] texts)
    {
        byte** array = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Length + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Length; i++)
        {
            int length = Encoding.UTF8.GetByteCount(texts[i]);
            array[i] = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
            Encoding.UTF8.GetBytes(texts[i], new Span<byte>(array[i], length));
        }
        return array;
    }

    private static void Free(byte** array)
    {
        for (byte** item = array; *item is not null; item++)
            NativeMemory.Free(*item);
        NativeMemory.Free(array);
    }

    private static void Check(int error, string what)
    {
        if (error != 0)
            throw new IOException($"cannot {what} a node process: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int descriptor, int newDescriptor);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclose(byte* actions, int descriptor);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigaddset(byte* signals, int signal);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(out int pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    private static partial int waitpid(int pid, out int status, int options);
}
