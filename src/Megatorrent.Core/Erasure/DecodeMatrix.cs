namespace Megatorrent.Core.Erasure;

/// <summary>How to make every missing shard, data and parity, out of k that are present. Immutable.</summary>
internal sealed class DecodeMatrix
{
    private readonly byte[] _survivors;
    private readonly byte[] _missing;

    private DecodeMatrix(byte[] survivors, byte[] missing, CoefficientMatrix coefficients)
    {
        _survivors = survivors;
        _missing = missing;
        Coefficients = coefficients;
    }

    /// <summary>Indices of the k shards that are read, one a column: all present data, then as much parity as data is missing.</summary>
    internal ReadOnlySpan<byte> Survivors => _survivors;

    /// <summary>Indices of the shards that are made, one a row: all that is missing, ascending.</summary>
    internal ReadOnlySpan<byte> Missing => _missing;

    /// <summary>The coefficients.</summary>
    internal CoefficientMatrix Coefficients { get; }

    /// <summary>Bytes of memory that the matrix holds.</summary>
    internal long MemoryLength => Coefficients.MemoryLength + _survivors.Length + _missing.Length;

    /// <summary>Works the matrix out. <paramref name="present"/> has at least as many members as there is data.</summary>
    /// <remarks>
    /// With e data shards D missing and the first e present parity shards P = S D + R K (K: the known data; S, R: columns of the
    /// encode matrix), D = S^-1 P + S^-1 R K. S is a square part of a Cauchy matrix, which always has an inverse. Missing parity
    /// follows by putting that D into its own row of the encode matrix.
    /// </remarks>
    internal static DecodeMatrix Create(GaloisKernel kernel, CoefficientMatrix encode, in ShardSet present)
    {
        int dataShards = encode.ColumnCount, totalShards = dataShards + encode.RowCount;
        var survivors = new List<byte>(dataShards);
        var missing = new List<byte>(encode.RowCount);
        for (int i = 0; i < totalShards; i++)
        {
            if (!present.Contains(i))
                missing.Add((byte)i);
            else if (survivors.Count < dataShards)
                survivors.Add((byte)i);
        }

        int missingData = missing.Count(index => index < dataShards);
        int knownData = dataShards - missingData;
        byte[] square = new byte[missingData * missingData];
        for (int i = 0; i < missingData; i++)
        {
            for (int j = 0; j < missingData; j++)
                square[i * missingData + j] = encode[survivors[knownData + i] - dataShards, missing[j]];
        }

        Invert(square, missingData);
        byte[] values = new byte[missing.Count * dataShards];
        for (int row = 0; row < missing.Count; row++)
        {
            Span<byte> target = values.AsSpan(row * dataShards, dataShards);
            if (row < missingData)
            {
                square.AsSpan(row * missingData, missingData).CopyTo(target[knownData..]);
                for (int i = 0; i < missingData; i++)
                {
                    int parity = survivors[knownData + i] - dataShards;
                    for (int c = 0; c < knownData; c++)
                        target[c] ^= GaloisField.Multiply(target[knownData + i], encode[parity, survivors[c]]);
                }
            }
            else
            {
                int parity = missing[row] - dataShards;
                for (int c = 0; c < knownData; c++)
                    target[c] = encode[parity, survivors[c]];
                for (int j = 0; j < missingData; j++)
                    AddScaled(target, values.AsSpan(j * dataShards, dataShards), encode[parity, missing[j]]);
            }
        }

        var coefficients = new CoefficientMatrix(kernel, missing.Count, dataShards, values);
        return new DecodeMatrix([.. survivors], [.. missing], coefficients);
    }

    // Gauss-Jordan elimination beside an identity matrix. No pivot is searched for: every leading part of a Cauchy matrix is
    // a Cauchy matrix and so has an inverse, hence no element of the diagonal becomes zero.
    private static void Invert(byte[] matrix, int size)
    {
        byte[] inverse = new byte[matrix.Length];
        for (int i = 0; i < size; i++)
            inverse[i * size + i] = 1;
        for (int column = 0; column < size; column++)
        {
            byte scale = GaloisField.Inverse(matrix[column * size + column]);
            Scale(Row(matrix, column), scale);
            Scale(Row(inverse, column), scale);
            for (int row = 0; row < size; row++)
            {
                byte factor = matrix[row * size + column];
                if (row == column || factor == 0)
                    continue;
                AddScaled(Row(matrix, row), Row(matrix, column), factor);
                AddScaled(Row(inverse, row), Row(inverse, column), factor);
            }
        }

        inverse.CopyTo(matrix, 0);

        Span<byte> Row(byte[] of, int row) => of.AsSpan(row * size, size);
    }

    private static void AddScaled(Span<byte> target, ReadOnlySpan<byte> source, byte factor)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] ^= GaloisField.Multiply(source[i], factor);
    }

    private static void Scale(Span<byte> target, byte factor)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = GaloisField.Multiply(target[i], factor);
    }
}
