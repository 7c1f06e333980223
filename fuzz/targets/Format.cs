namespace Megatorrent.Fuzz.Targets;

/// <summary>Reads a value from bytes.</summary>
internal delegate T Decoder<out T>(ReadOnlySpan<byte> source);

/// <summary>A format that is read and written.</summary>
internal abstract class Format
{
    /// <summary>Reads the input, and checks what must hold of it then.</summary>
    public abstract void Check(ReadOnlySpan<byte> input);
}

/// <summary>A format of which one value has one encoding, or, where unknown entries are skipped, one that it prints.</summary>
/// <param name="decode">Reads it.</param>
/// <param name="encode">Writes it.</param>
/// <param name="isCanonical">
/// True: what can be read is written again as the same bytes. False: unknown entries are left out, and what is written is read again as what
/// is written as the same bytes.
/// </param>
internal sealed class Format<T>(Decoder<T> decode, Func<T, byte[]> encode, bool isCanonical) : Format
{
    /// <inheritdoc/>
    public override void Check(ReadOnlySpan<byte> input)
    {
        T value = decode(input);
        byte[] written = encode(value);
        if (isCanonical)
            FuzzFailure.UnlessSame(input, written, $"{typeof(T).Name}, read and written");
        FuzzFailure.UnlessSame(written, encode(ReadBack(written)), $"{typeof(T).Name}, written, read and written");
    }

    private T ReadBack(byte[] written)
    {
        try
        {
            return decode(written);
        }
        catch (Exception exception)
        {
            throw new FuzzFailure($"{typeof(T).Name} cannot read what it wrote, {Convert.ToHexStringLower(written)}: {exception}");
        }
    }
}
