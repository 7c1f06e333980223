using System.Globalization;
using Megatorrent.Core;

namespace Megatorrent.Network.Tests.Support;

/// <summary>
/// This assembly as a program: what has to happen in a process of its own, because it takes system calls away from it or counts what all of
/// it uses. Prints what it has found.
/// </summary>
internal static class ChildProgram
{
    private const int SetupCall = 425;
    private const int EnterCall = 426;
    private const int RegisterCall = 427;

    public static async Task<int> Main(string[] args)
    {
        string report = args[0] switch
        {
            "without-setup" => await WithoutAsync(SetupCall, int.Parse(args[1], CultureInfo.InvariantCulture)),
            "without-enter" => await WithoutAsync(EnterCall, int.Parse(args[1], CultureInfo.InvariantCulture)),
            "without-register" => await WithoutAsync(RegisterCall, int.Parse(args[1], CultureInfo.InvariantCulture)),
            "loses-enter" => await LosesEnterAsync(),
            "churn" => await ChurnAsync(args[1]),
            "allocations" => await AllocationsAsync(args[1]),
            _ => throw new ArgumentException(args[0]),
        };
        Console.Out.WriteLine(report);
        return 0;
    }

    // A profile that was there from the start.
    private static async Task<string> WithoutAsync(int call, int errno)
    {
        Seccomp.Deny(call, errno);
        string name = SystemTransport.Auto.Name;
        await EchoAsync(SystemTransport.Auto);
        string refusal = "none";
        try
        {
            await SystemTransport.IoUring.ListenAsync("127.0.0.1:0", default);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Unsupported)
        {
            refusal = exception.Message;
        }
        return $"{name}; {refusal}; descriptors {CountDescriptors("anon_inode:[io_uring]") + CountDescriptors("anon_inode:[eventfd]")}";
    }

    // A profile that comes while connections are open. The loop waits in the kernel then, and sees it when the next thing happens.
    private static async Task<string> LosesEnterAsync()
    {
        string before = SystemTransport.Auto.Name;
        var (left, right) = await Over.PairAsync(SystemTransport.Auto);
        var (quiet, waiting) = await Over.PairAsync(SystemTransport.Auto);
        Task reading = ReadThriceAsync(waiting);
        Task writing = left.WriteAsync(new byte[32 << 20], default).AsTask(); // nobody reads it
        await quiet.WriteAsync(new byte[1], default);
        Seccomp.Deny(EnterCall, 1);
        await quiet.WriteAsync(new byte[1], default);
        string ends = $"{await EndOfAsync(writing)}, {await EndOfAsync(reading)}";
        await EchoAsync(SystemTransport.Auto);
        foreach (ITransportConnection connection in (ITransportConnection[])[left, right, quiet, waiting])
            await connection.DisposeAsync();
        return $"{before}; {ends}; {SystemTransport.Auto.Name}";
    }

    private static async Task ReadThriceAsync(ITransportConnection connection)
    {
        var bytes = new byte[1];
        for (int i = 0; i < 3; i++)
            await connection.ReadAsync(bytes, default);
    }

    // Thousands of connections, in all the ways in which one can end.
    private static async Task<string> ChurnAsync(string engine)
    {
        const int Together = 250;
        const int Rounds = 12;
        ITransport transport = Over.Transport(engine);
        await EchoAsync(transport);
        HashSet<string> before = Descriptors();
        await using (ITransportListener listener = await transport.ListenAsync("127.0.0.1:0", default))
        {
            for (int round = 0; round < Rounds; round++)
                await Task.WhenAll(Enumerable.Range(0, Together).Select(i => ConnectAndEndAsync(transport, listener, i)));
        }
        string[] left = [.. Descriptors().Except(before)];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (int i = 0; i < 200 && left.Length > 0 && await timer.WaitForNextTickAsync(); i++)
            left = [.. Descriptors().Except(before)]; // one is closed when the ring has let go of it, and nothing tells when
        string what = string.Join("", left.Select(one => $", {one}"));
        return string.Create(CultureInfo.InvariantCulture, $"{Rounds * Together} connections, {left.Length} descriptors left{what}");
    }

    private static async Task ConnectAndEndAsync(ITransport transport, ITransportListener listener, int i)
    {
        // Only one accepts at a time.
        Task<ITransportConnection> connecting = transport.ConnectAsync(listener.Endpoint, default).AsTask();
        ITransportConnection accepted;
        await Accepting.WaitAsync();
        try
        {
            accepted = await listener.AcceptAsync(default);
        }
        finally
        {
            Accepting.Release();
        }
        ITransportConnection connection = await connecting;
        try
        {
            using var cancel = new CancellationTokenSource();
            Task<int> read = accepted.ReadAsync(new byte[100], cancel.Token).AsTask();
            if (i % 4 == 0)
                await connection.WriteAsync(new byte[50], default);
            if (i % 4 == 1)
                connection.CompleteWriting();
            if (i % 4 == 2)
                cancel.Cancel();
            if (i % 4 == 3)
                accepted.Abort();
            await EndOfAsync(read);
        }
        finally
        {
            await connection.DisposeAsync();
            await accepted.DisposeAsync();
        }
    }

    private static SemaphoreSlim Accepting { get; } = new(1);

    // Bytes that a message there and back allocates when everything has been used once.
    private static async Task<string> AllocationsAsync(string engine)
    {
        const int Messages = 20_000;
        var (left, right) = await Over.PairAsync(Over.Transport(engine));
        Task echoing = EchoAllAsync(right);
        await BounceAsync(left, Messages);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await BounceAsync(left, Messages);
        long after = GC.GetTotalAllocatedBytes(precise: true);
        left.Abort();
        await EndOfAsync(echoing);
        return string.Create(CultureInfo.InvariantCulture, $"{(after - before) / (double)Messages:0.0} bytes a message");
    }

    private static async Task BounceAsync(ITransportConnection connection, int messages)
    {
        var bytes = new byte[1000];
        for (int i = 0; i < messages; i++)
        {
            await connection.WriteAsync(bytes, default);
            for (int count = 0; count < bytes.Length;)
                count += await connection.ReadAsync(bytes.AsMemory(count), default);
        }
    }

    private static async Task EchoAsync(ITransport transport)
    {
        var (left, right) = await Over.PairAsync(transport);
        Task echoing = EchoAllAsync(right);
        await BounceAsync(left, 10);
        left.CompleteWriting();
        await echoing;
        await left.DisposeAsync();
        await right.DisposeAsync();
    }

    private static async Task EchoAllAsync(ITransportConnection connection)
    {
        var bytes = new byte[1000];
        while (await connection.ReadAsync(bytes, default) is var count and > 0)
            await connection.WriteAsync(bytes.AsMemory(0, count), default);
    }

    private static async Task<string> EndOfAsync(Task task)
    {
        try
        {
            await task.WaitAsync(TimeSpan.FromSeconds(20));
            return "done";
        }
        catch (MegatorrentException exception)
        {
            return exception.Kind.ToString();
        }
        catch (OperationCanceledException)
        {
            return "canceled";
        }
    }

    // Not those of files: the runtime opens assemblies when it comes to need them.
    private static HashSet<string> Descriptors() => [.. Targets().Where(target => !target.StartsWith('/'))];

    private static int CountDescriptors(string target) => Targets().Count(one => one.StartsWith(target, StringComparison.Ordinal));

    private static IEnumerable<string> Targets() =>
        Directory.GetFiles("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget).OfType<string>();
}
