using System.Runtime.InteropServices;

namespace Megatorrent.Network.Tests.Support;

/// <summary>Filters that take system calls away from this process, as a container's profile does. There is no way back.</summary>
internal static unsafe partial class Seccomp
{
    private const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K
    private const uint ReturnError = 0x00050000; // SECCOMP_RET_ERRNO
    private const uint ReturnAllow = 0x7fff0000; // SECCOMP_RET_ALLOW
    private const int SetNoNewPrivileges = 38; // PR_SET_NO_NEW_PRIVS
    private const nint SetModeFilter = 1; // SECCOMP_SET_MODE_FILTER
    private const nint AllThreads = 1; // SECCOMP_FILTER_FLAG_TSYNC

    [StructLayout(LayoutKind.Sequential)]
    private struct Instruction
    {
        public ushort Code;
        public byte JumpTrue;
        public byte JumpFalse;
        public uint Value;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public Instruction* Instructions;
    }

    /// <summary>From now on a system call fails in every thread of this process.</summary>
    public static void Deny(int systemCall, int errno)
    {
        Instruction* filter = stackalloc Instruction[]
        {
            new() { Code = LoadWord }, // the number of the call is the first word
            new() { Code = JumpIfEqual, Value = (uint)systemCall, JumpFalse = 1 },
            new() { Code = Return, Value = ReturnError | (uint)errno },
            new() { Code = Return, Value = ReturnAllow },
        };
        var program = new Program { Length = 4, Instructions = filter };
        int seccomp = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 317 : 277;
        if (Control(SetNoNewPrivileges, 1, 0, 0, 0) != 0 || SystemCall(seccomp, SetModeFilter, AllThreads, (nint)(&program)) != 0)
            throw new InvalidOperationException($"no filter: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nint second, nint third, nint fourth, nint fifth);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third);
}
