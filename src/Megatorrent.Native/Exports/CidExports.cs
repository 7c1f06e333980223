using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Native.Exports;

/// <summary>Texts of blob ids: part 3 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class CidExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_cid_format")]
    private static Status Format(byte* destination, nuint capacity, nuint* length, byte* id)
    {
        try
        {
            Status status = Output.Check("dst", destination, capacity, length);
            if (status != Status.Ok)
                return status;
            if (id is null)
                return Guard.Null("id32");
            if (capacity > Cid.TextLength && Guard.Overlap(destination, capacity, id, BlobId.Length))
                return Guard.Overlap("dst", "id32");

            return Output.Text("dst", destination, capacity, length, Cid.Format(new BlobId(new ReadOnlySpan<byte>(id, BlobId.Length))));
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_cid_parse")]
    private static Status Parse(byte* id, byte* text) =>
        ParseInside(id, text);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status ParseInside(byte* id, byte* text)
    {
        try
        {
            if (id is null)
                return Guard.Null("id32");
            Status status = NativeText.Read("text", text, out ReadOnlySpan<byte> utf8);
            if (status != Status.Ok)
                return status;

            Span<char> characters = stackalloc char[Cid.TextLength];
            if (utf8.Length != Cid.TextLength || !Cid.TryParse(characters[..Encoding.UTF8.GetChars(utf8, characters)], out BlobId parsed))
            {
                return LastError.Set(
                    Status.Malformed,
                    "The text is not a CIDv1 of raw bytes and SHA-256 in base32, which begins with bafkrei and has 59 characters.");
            }

            parsed.CopyTo(new Span<byte>(id, BlobId.Length));
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }
}
