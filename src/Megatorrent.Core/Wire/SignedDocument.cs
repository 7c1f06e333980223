using System.Buffers;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Wire;

/// <summary>
/// Signatures inside canonical bencode dictionaries. What is signed is a context string and the dictionary without its entry <c>s</c>:
/// <code>
/// signed   context ‖ d … … e
/// document           d … 1:s64:(64 bytes) … e
/// </code>
/// The context keeps a signature over one kind of document from being taken for one over another.
/// </summary>
internal static class SignedDocument
{
    /// <summary>Bytes of the key <c>s</c> and its value: <c>1:s</c>, <c>64:</c>, the signature.</summary>
    public const int EntryLength = KeyLength + 3 + Ed25519.SignatureLength;

    /// <summary>Bytes of <c>1:s</c>.</summary>
    public const int KeyLength = 3;

    /// <summary>Encodes a dictionary with its signature.</summary>
    /// <param name="key">The signer.</param>
    /// <param name="context">ASCII, ends with a zero byte.</param>
    /// <param name="write">Writes the dictionary, with entry <c>s</c> when its second argument is not null.</param>
    public static byte[] Sign(SigningKey key, ReadOnlySpan<byte> context, Action<BencodeWriter, byte[]?> write)
    {
        var message = new ArrayBufferWriter<byte>();
        message.Write(context);
        write(new BencodeWriter(message), null);
        var signature = new byte[Ed25519.SignatureLength];
        key.Sign(message.WrittenSpan, signature);
        return BencodeWriter.Encode(writer => write(writer, signature));
    }

    /// <summary>Whether the signature in a document is <paramref name="publicKey"/>'s.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="context">As in <see cref="Sign"/>.</param>
    /// <param name="document">The encoded dictionary.</param>
    /// <param name="entryOffset">Where in it the entry <c>s</c> starts.</param>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> document, int entryOffset)
    {
        ReadOnlySpan<byte> head = document[..entryOffset];
        ReadOnlySpan<byte> tail = document[(entryOffset + EntryLength)..];
        var message = new byte[context.Length + head.Length + tail.Length];
        context.CopyTo(message);
        head.CopyTo(message.AsSpan(context.Length));
        tail.CopyTo(message.AsSpan(context.Length + head.Length));
        ReadOnlySpan<byte> signature = document.Slice(entryOffset + EntryLength - Ed25519.SignatureLength, Ed25519.SignatureLength);
        return Ed25519.Verify(publicKey, message, signature);
    }

    /// <summary>Reads the value of entry <c>s</c>, whose key was just read, and gives the entry's offset.</summary>
    public static int ReadEntry(ref BencodeReader reader)
    {
        int offset = reader.Position - KeyLength;
        reader.ReadBytesExact(Ed25519.SignatureLength);
        return offset;
    }
}
