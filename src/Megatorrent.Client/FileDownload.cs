using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>Brings a file: into PATH.mtpart, renamed to PATH when whole and flushed.</summary>
internal sealed class FileDownload : IDownload
{
    private readonly string _path;
    private readonly Manifest _manifest;
    private readonly PartialDownload _partial;
    private readonly FileStream _file;
    private readonly bool _overwrite;

    public FileDownload(string path, Manifest manifest, BlobId root, bool overwrite)
    {
        _path = path;
        _manifest = manifest;
        _overwrite = overwrite;
        _partial = new PartialDownload(path, root);
        try
        {
            Resumed = _partial.Load();
            bool isThere = File.Exists(_partial.ContentPath);
            // The content is somebody's private data: until the manifest's mode is set nobody else reads it.
            var options = new FileStreamOptions
            {
                Mode = isThere ? FileMode.Open : FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                BufferSize = 0,
            };
            if (!OperatingSystem.IsWindows() && !isThere)
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            _file = new FileStream(_partial.ContentPath, options);
            if (_file.Length < Resumed || Resumed > manifest.Streams[0].Length)
                Resumed = 0;
            _file.SetLength(Resumed);
            _file.Position = Resumed;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            throw LocalFiles.Failure($"'{_partial.ContentPath}' cannot be written", exception);
        }
    }

    public long Resumed { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _file.Write(bytes);
        }
        catch (IOException exception)
        {
            throw LocalFiles.Failure($"'{_partial.ContentPath}' cannot be written", exception);
        }
    }

    public void Checkpoint()
    {
        try
        {
            _file.Flush(flushToDisk: true);
            _partial.Save(_file.Position);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LocalFiles.Failure($"'{_partial.ContentPath}' cannot be written", exception);
        }
    }

    public void Complete()
    {
        try
        {
            _file.Flush(flushToDisk: true);
            _file.Dispose();
            LocalFiles.SetMode(_partial.ContentPath, _manifest.Mode);
            File.SetLastWriteTimeUtc(_partial.ContentPath, LocalFiles.FromUnixNs(_manifest.ModifiedUnixNs));
            File.Move(_partial.ContentPath, _path, _overwrite);
            _partial.Forget();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LocalFiles.Failure($"'{_path}' cannot be written", exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
