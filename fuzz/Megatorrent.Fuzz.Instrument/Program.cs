using Mono.Cecil;

namespace Megatorrent.Fuzz.Instrument;

/// <summary>
/// <c>instrument OUTPUT RUNTIME.dll ASSEMBLY.dll ...</c>: writes copies of the assemblies into the folder OUTPUT that count their edges in
/// the class Coverage of RUNTIME, and a copy of RUNTIME that knows how many there are.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length < 3)
        {
            Console.Error.WriteLine("usage: instrument OUTPUT RUNTIME.dll ASSEMBLY.dll ...");
            return 2;
        }

        string output = args[0];
        Directory.CreateDirectory(output);
        using var resolver = new DefaultAssemblyResolver();
        foreach (string folder in args[1..].Select(path => Path.GetDirectoryName(Path.GetFullPath(path))!).Distinct())
            resolver.AddSearchDirectory(folder);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        // Copies have no symbols: their offsets would be those of other code.
        var parameters = new ReaderParameters { AssemblyResolver = resolver, ReadSymbols = false, InMemory = true };

        using ModuleDefinition runtime = ModuleDefinition.ReadModule(args[1], parameters);
        var coverage = new CoverageClass(runtime);
        int edges = 0;
        foreach (string path in args[2..])
        {
            using ModuleDefinition module = ModuleDefinition.ReadModule(path, parameters);
            int before = edges;
            int comparisons = new Rewriter(module, coverage).Rewrite(ref edges);
            module.Attributes &= ~ModuleAttributes.StrongNameSigned; // the signature was of other bytes
            module.Write(Path.Combine(output, Path.GetFileName(path)));
            Console.WriteLine($"{Path.GetFileName(path)}: {edges - before} edges, {comparisons} comparisons");
        }

        coverage.Finish(edges);
        runtime.Write(Path.Combine(output, Path.GetFileName(args[1])));
        return 0;
    }
}
