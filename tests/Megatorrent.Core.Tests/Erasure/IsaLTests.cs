using System.Runtime.InteropServices;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Tests.Erasure;

/// <summary>Matrices and parity are those of ISA-L, Intel's library, as Debian ships it.</summary>
public sealed unsafe partial class IsaLTests
{
    private const string Library = "libisal.so.2";

    public IsaLTests()
    {
        if (!NativeLibrary.TryLoad(Library, out _))
            Assert.Fail($"{Library} is missing, which these tests compare with. Install it: sudo apt-get install -y libisal2");
    }

    [Fact]
    public void Matrices_are_the_same_for_every_scheme_of_some_width()
    {
        foreach ((int dataShards, int parityShards) in Schemes(seed: 31, count: 60))
        {
            byte[] theirs = Matrix(dataShards, parityShards);
            CoefficientMatrix ours = new ReedSolomon(dataShards, parityShards).EncodeMatrix;
            for (int row = 0; row < dataShards + parityShards; row++)
            {
                for (int column = 0; column < dataShards; column++)
                {
                    byte expected = row >= dataShards ? ours[row - dataShards, column] : row == column ? (byte)1 : (byte)0;
                    Assert.True(theirs[row * dataShards + column] == expected, $"{dataShards}+{parityShards}: row {row}, column {column}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels.All), MemberType = typeof(Kernels))]
    public void Parity_is_the_same(string kernel)
    {
        var random = new SeededRandomSource(32);
        foreach ((int dataShards, int parityShards) in Schemes(seed: 33, count: Kernels.IsEmulated(kernel) ? 5 : 25))
        {
            int shardLength = 1 + random.Next(Kernels.IsEmulated(kernel) ? 400 : 2500);
            string context = $"{dataShards}+{parityShards}, length {shardLength}, seed 33";
            byte[][] data = [.. Enumerable.Range(0, dataShards).Select(_ => new byte[shardLength])];
            foreach (byte[] shard in data)
                random.Fill(shard);
            var code = new ReedSolomon(dataShards, parityShards, Kernels.Find(kernel));
            byte[][] parity = Stripe.NewParity(code, shardLength);
            code.Encode([.. data.Select(shard => (ReadOnlyMemory<byte>)shard)], ReedSolomonTests.AsMemory(parity));
            byte[][] theirs = Encode(dataShards, parityShards, shardLength, data);
            for (int r = 0; r < parityShards; r++)
                Assert.True(parity[r].AsSpan().SequenceEqual(theirs[r]), $"{context}: parity {r} differs");
        }
    }

    private static IEnumerable<(int DataShards, int ParityShards)> Schemes(ulong seed, int count)
    {
        yield return (1, 1);
        yield return (1, 254);
        yield return (254, 1);
        yield return (4, 2);
        yield return (10, 4);
        yield return (29, 51);
        var random = new SeededRandomSource(seed);
        for (int i = 0; i < count; i++)
        {
            int dataShards = 1 + random.Next(i % 5 == 0 ? 200 : 20);
            yield return (dataShards, 1 + random.Next(i % 5 == 0 ? ReedSolomon.MaxShards - dataShards : 10));
        }
    }

    private static byte[] Matrix(int dataShards, int parityShards)
    {
        byte[] matrix = new byte[(dataShards + parityShards) * dataShards];
        fixed (byte* pointer = matrix)
            GenerateCauchyMatrix(pointer, dataShards + parityShards, dataShards);
        return matrix;
    }

    private static byte[][] Encode(int dataShards, int parityShards, int shardLength, byte[][] data)
    {
        byte[][] shards = [.. data, .. Enumerable.Range(0, parityShards).Select(_ => new byte[shardLength])];
        byte** pointers = stackalloc byte*[shards.Length];
        GCHandle[] handles = [.. shards.Select(shard => GCHandle.Alloc(shard, GCHandleType.Pinned))];
        for (int i = 0; i < handles.Length; i++)
            pointers[i] = (byte*)handles[i].AddrOfPinnedObject();
        fixed (byte* matrix = Matrix(dataShards, parityShards))
        {
            byte* tables = (byte*)NativeMemory.AlignedAlloc((nuint)(32 * dataShards * parityShards), 64);
            InitTables(dataShards, parityShards, matrix + dataShards * dataShards, tables);
            EncodeData(shardLength, dataShards, parityShards, tables, pointers, pointers + dataShards);
            NativeMemory.AlignedFree(tables);
        }

        foreach (GCHandle handle in handles)
            handle.Free();
        return shards[dataShards..];
    }

    [LibraryImport(Library, EntryPoint = "gf_gen_cauchy1_matrix")]
    private static partial void GenerateCauchyMatrix(byte* matrix, int totalShards, int dataShards);

    [LibraryImport(Library, EntryPoint = "ec_init_tables")]
    private static partial void InitTables(int dataShards, int parityShards, byte* matrix, byte* tables);

    [LibraryImport(Library, EntryPoint = "ec_encode_data")]
    private static partial void EncodeData(int shardLength, int dataShards, int parityShards, byte* tables, byte** data, byte** parity);
}
