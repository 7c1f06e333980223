using System.Security.Cryptography;

namespace Megatorrent.Build.Suites;

/// <summary>
/// What one client puts every other gets: the program <c>megatorrent</c> and the suite of each binding put files of several lengths into
/// one cluster, each of them gets every file, and the bytes are compared.
/// </summary>
internal sealed class MatrixRun(Checkout checkout)
{
    private const int Seed = 20260101;

    /// <summary>Nothing, the least, and more than two chunks with an odd end.</summary>
    private static readonly int[] Lengths = [0, 1, (3 << 20) + 1];

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Runs the matrix and prints it; a cell is one check, and passes when every file came back equal.</summary>
    public Tally Run(IReadOnlyList<SuiteProgram> suites)
    {
        using TestCluster cluster = TestCluster.Start(checkout);
        Client[] clients = [new CommandLine(cluster), .. suites.Select(suite => new Binding(checkout, cluster, suite))];
        (string Path, byte[] Hash)[] files = [.. Lengths.Select((length, i) => MakeFile(cluster.Folder, length, Seed + i))];

        Tally tally = default;
        List<(string Name, bool[] Cells)> rows = [];
        foreach (Client writer in clients)
        {
            string?[] capabilities = [.. files.Select(file => Try(writer.Name, "put", file.Path, () => writer.Put(file.Path)))];
            bool[] cells = [.. clients.Select(reader => Gets(cluster, writer, reader, files, capabilities))];
            rows.Add((writer.Name, cells));
            tally += new Tally(cells.Count(cell => cell), cells.Count(cell => !cell), 0);
        }

        Print(rows, clients);
        return tally;
    }

    private static bool Gets(
        TestCluster cluster, Client writer, Client reader, (string Path, byte[] Hash)[] files, string?[] capabilities)
    {
        bool equal = true;
        for (int i = 0; i < files.Length; i++)
        {
            string copy = Path.Combine(cluster.Folder, "copy");
            File.Delete(copy);
            string what = $"{writer.Name}'s {Path.GetFileName(files[i].Path)}";
            if (capabilities[i] is not { } capability || Try(reader.Name, "get", what, () => Get(reader, capability, copy)) is null)
            {
                equal = false;
            }
            else if (!File.Exists(copy) || !SHA256.HashData(File.ReadAllBytes(copy)).SequenceEqual(files[i].Hash))
            {
                Console.WriteLine($"   not ok: {reader.Name} got other bytes than {what} (seed {Seed + i})");
                equal = false;
            }
        }

        return equal;

        static string Get(Client reader, string capability, string copy)
        {
            reader.Get(capability, copy);
            return copy;
        }
    }

    private static string? Try(string name, string verb, string what, Func<string> action)
    {
        try
        {
            return action();
        }
        catch (BuildException exception)
        {
            Console.WriteLine($"   not ok: {name} cannot {verb} {what}: {exception.Message}");
            return null;
        }
    }

    private static (string Path, byte[] Hash) MakeFile(string folder, int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        string path = Path.Combine(folder, $"file of {length} bytes");
        File.WriteAllBytes(path, bytes);
        return (path, SHA256.HashData(bytes));
    }

    private static void Print(List<(string Name, bool[] Cells)> rows, Client[] clients)
    {
        Console.WriteLine($"    {"put \\ get",-12}{string.Concat(clients.Select(client => $"{client.Name,-8}"))}".TrimEnd());
        foreach ((string name, bool[] cells) in rows)
            Console.WriteLine($"    {name,-12}{string.Concat(cells.Select(cell => $"{(cell ? "equal" : "FAILED"),-8}"))}".TrimEnd());
    }

    private abstract class Client(string name)
    {
        public string Name { get; } = name;

        public abstract string Put(string path);

        public abstract void Get(string capability, string path);
    }

    private sealed class CommandLine(TestCluster cluster) : Client("CLI")
    {
        public override string Put(string path) => cluster.Megatorrent("put", path);

        public override void Get(string capability, string path) => cluster.Megatorrent("get", capability, "-o", path);
    }

    private sealed class Binding(Checkout checkout, TestCluster cluster, SuiteProgram suite) : Client(suite.Name)
    {
        public override string Put(string path) => suite.Succeed(checkout, cluster, Limit, "put", path);

        public override void Get(string capability, string path) => suite.Succeed(checkout, cluster, Limit, "get", capability, path);
    }
}
