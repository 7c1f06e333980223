using System.Runtime.CompilerServices;

namespace Megatorrent.Core.Erasure;

/// <summary>A matrix over GF(2^8) in the form that a kernel reads, row by row. Immutable.</summary>
internal sealed unsafe class CoefficientMatrix
{
    // A prepared coefficient must not straddle two cache lines, so rows start on one and coefficients are powers of two long.
    private const int Alignment = 64;

    private readonly byte[] _values;
    private readonly byte[] _prepared;
    private readonly int _preparedStart;
    private readonly int _coefficientLength;
    private readonly int _rowLength;

    /// <summary>Prepares <paramref name="values"/> (rows x columns, row by row; not copied) for <paramref name="kernel"/>.</summary>
    internal CoefficientMatrix(GaloisKernel kernel, int rowCount, int columnCount, byte[] values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, rowCount * columnCount);
        RowCount = rowCount;
        ColumnCount = columnCount;
        _values = values;
        _coefficientLength = kernel.CoefficientLength;
        _rowLength = (columnCount * _coefficientLength + Alignment - 1) & -Alignment;
        _prepared = GC.AllocateUninitializedArray<byte>(rowCount * _rowLength + Alignment, pinned: true);
        nuint address = (nuint)Unsafe.AsPointer(ref _prepared[0]);
        _preparedStart = (int)(((address + Alignment - 1) & ~(nuint)(Alignment - 1)) - address);
        for (int row = 0; row < rowCount; row++)
        {
            for (int column = 0; column < columnCount; column++)
            {
                int offset = _preparedStart + row * _rowLength + column * _coefficientLength;
                kernel.Prepare(values[row * columnCount + column], _prepared.AsSpan(offset, _coefficientLength));
            }
        }
    }

    internal int RowCount { get; }

    internal int ColumnCount { get; }

    /// <summary>Bytes of memory that the matrix holds.</summary>
    internal long MemoryLength => _values.Length + _prepared.Length;

    /// <summary>A coefficient.</summary>
    internal byte this[int row, int column] => _values[row * ColumnCount + column];

    /// <summary>
    /// The start of a row of prepared coefficients. The memory never moves, and lives as long as this object does: a caller keeps
    /// it alive (<see cref="GC.KeepAlive"/>) past its last use of the pointer.
    /// </summary>
    internal byte* PreparedRow(int row) => (byte*)Unsafe.AsPointer(ref _prepared[_preparedStart + row * _rowLength]);

    /// <summary>Bytes from the start of a prepared row to a column's coefficient.</summary>
    internal nuint PreparedOffset(int column) => (nuint)(column * _coefficientLength);
}
