using System.Buffers;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Manifests;

/// <summary>One entry of a directory's list (docs/spec/manifest.md).</summary>
/// <param name="Path">Relative path with '/' between the parts; checked by <see cref="CheckPath"/>.</param>
/// <param name="Kind">File, folder or symbolic link.</param>
/// <param name="Length">Bytes of a file's content, 0 for others.</param>
/// <param name="Mode">Unix permission bits.</param>
/// <param name="ModifiedUnixNs">Time of the last change, in nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Target">Where a symbolic link points, as it was written; empty for others.</param>
public sealed record DirectoryEntry(string Path, EntryKind Kind, long Length, int Mode, long ModifiedUnixNs, string Target)
{
    /// <summary>The longest path, in UTF-8 bytes: Linux's PATH_MAX.</summary>
    public const int PathLengthMax = 4096;

    /// <summary>Characters that Windows does not allow in the parts of a path.</summary>
    internal const string RefusedByWindows = "\\:*?\"<>|";

    /// <summary>Writes entries as one canonical list, sorted by path.</summary>
    public static void EncodeList(IEnumerable<DirectoryEntry> entries, IBufferWriter<byte> destination)
    {
        var writer = new BencodeWriter(destination);
        writer.BeginList();
        foreach (DirectoryEntry entry in entries)
        {
            CheckPath(entry.Path);
            writer.BeginDictionary();
            writer.WriteKey("k");
            writer.WriteInteger((int)entry.Kind);
            writer.WriteKey("l");
            writer.WriteInteger(entry.Length);
            writer.WriteKey("m");
            writer.WriteInteger(entry.Mode);
            writer.WriteKey("p");
            writer.WriteBytes(Utf8.Encode(entry.Path, "path"));
            writer.WriteKey("t");
            writer.WriteInteger(entry.ModifiedUnixNs);
            writer.WriteKey("x");
            writer.WriteBytes(Utf8.Encode(entry.Target, "link target"));
            writer.End();
        }

        writer.End();
    }

    /// <summary>Reads a list, checking every path, the order, and that the files together have <paramref name="contentLength"/> bytes.</summary>
    /// <exception cref="MegatorrentException">Malformed: anything else, a path that leaves the directory above all.</exception>
    public static List<DirectoryEntry> DecodeList(ReadOnlySpan<byte> encoded, long contentLength)
    {
        var entries = new List<DirectoryEntry>();
        var files = new HashSet<string>(StringComparer.Ordinal);
        long remaining = contentLength;
        var reader = new BencodeReader(encoded);
        reader.BeginList();
        while (reader.TryReadItem())
        {
            DirectoryEntry entry = Read(ref reader);
            CheckPath(entry.Path);
            if (entries.Count > 0 && string.CompareOrdinal(entries[^1].Path, entry.Path) >= 0)
                throw Malformed($"'{entry.Path}' is out of order or there twice");
            for (int slash = entry.Path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = entry.Path.IndexOf('/', slash + 1))
            {
                if (files.Contains(entry.Path[..slash]))
                    throw Malformed($"'{entry.Path[..slash]}' is a file or link and '{entry.Path}' lies inside it");
            }

            if (entry.Kind != EntryKind.Directory)
                files.Add(entry.Path);
            remaining -= entry.Length;
            if (remaining < 0)
                throw Malformed("its files have more bytes than its content");
            entries.Add(entry);
        }

        reader.ReadEndOfDocument();
        return remaining == 0 ? entries : throw Malformed("its files have fewer bytes than its content");
    }

    /// <summary>
    /// Checks that a path stays inside the directory that it is unpacked into: relative, no empty, "." or ".." part, no NUL, and on Windows
    /// no drive, backslash or reserved character.
    /// </summary>
    /// <exception cref="MegatorrentException">Malformed: it does not; the message names the path.</exception>
    public static void CheckPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(path) > PathLengthMax)
            throw Malformed($"a path is empty or over {PathLengthMax} bytes");
        if (path.Contains('\0'))
            throw Malformed("a path has a NUL character in it");
        if (OperatingSystem.IsWindows() && path.AsSpan().ContainsAny(RefusedByWindows))
            throw Malformed($"the path '{path}' has a character that Windows does not allow in names");
        foreach (Range part in path.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> name = path.AsSpan(part);
            if (name is "" or "." or "..")
                throw Malformed($"the path '{path}' would leave the directory that it is unpacked into");
        }
    }

    private static DirectoryEntry Read(ref BencodeReader reader)
    {
        reader.BeginDictionary();
        reader.ExpectKey("k"u8);
        var kind = (EntryKind)reader.ReadInteger();
        reader.ExpectKey("l"u8);
        long length = reader.ReadInteger();
        reader.ExpectKey("m"u8);
        long mode = reader.ReadInteger();
        reader.ExpectKey("p"u8);
        string path = Utf8.Decode(reader.ReadBytes(PathLengthMax), "path");
        reader.ExpectKey("t"u8);
        long modified = reader.ReadInteger();
        reader.ExpectKey("x"u8);
        string target = Utf8.Decode(reader.ReadBytes(PathLengthMax), "link target");
        reader.ExpectEnd();
        if (kind is < EntryKind.File or > EntryKind.SymbolicLink)
            throw new MegatorrentException(ErrorKind.Unsupported, $"'{path}' is of kind {(int)kind}, which this build does not know.");
        if (length < 0 || (kind != EntryKind.File && length != 0) || mode is < 0 or > 0xFFFF
            || (kind == EntryKind.SymbolicLink) != (target.Length > 0) || target.Contains('\0'))
        {
            throw Malformed($"the entry '{path}' contradicts itself");
        }

        return new DirectoryEntry(path, kind, length, (int)mode, modified, target);
    }

    private static MegatorrentException Malformed(string what) => new(ErrorKind.Malformed, $"A directory's list is damaged: {what}.");
}
