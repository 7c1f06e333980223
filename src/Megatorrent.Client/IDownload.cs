namespace Megatorrent.Client;

/// <summary>Where the content of an object goes, in order.</summary>
internal interface IDownload : IDisposable
{
    /// <summary>Content bytes that an earlier get brought.</summary>
    long Resumed { get; }

    /// <summary>Takes the next bytes of the content.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Makes everything taken so far durable and remembers it for a later get.</summary>
    void Checkpoint();

    /// <summary>Gives the object its name, modes and times. Nothing stands under the final name before this.</summary>
    void Complete();
}
