using Megatorrent.Client;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Operations;

/// <summary>An upload behind a handle. Thread-safe.</summary>
internal sealed class UploadHolder
{
    private readonly NativeProgress? _progress;

    private UploadHolder(StreamHolder<ObjectUpload> stream, PutArguments arguments)
    {
        Stream = stream;
        Result = arguments.Result;
        _progress = arguments.Progress;
    }

    /// <summary>The upload.</summary>
    public StreamHolder<ObjectUpload> Stream { get; }

    /// <summary>What to fill in when it is finished; null for nothing.</summary>
    public NativeTarget<ClientPutResult>? Result { get; }

    /// <summary>Begins an upload; closing the client waits for it to end.</summary>
    /// <exception cref="StatusException">Canceled: the client is closed.</exception>
    public static UploadHolder Create(ClientHolder client, PutArguments arguments)
    {
        client.ThrowIfClosed();
        ObjectUpload upload = client.Client.Upload(arguments.Name, arguments.Options, arguments.Progress);
        arguments.Progress?.BelongTo(client, null, upload.Cancel);
        _ = client.RunAsync(_ => upload.Ended, CancellationToken.None);
        return new UploadHolder(new StreamHolder<ObjectUpload>(client, upload, static stream => stream.Cancel()), arguments);
    }

    /// <summary>
    /// Ends the upload: the progress callback is not called any more once this returns. What is left under way ends by itself, without anything
    /// of the caller's, and is not waited for, so that this can be called from anywhere.
    /// </summary>
    public void Destroy()
    {
        _progress?.End();
        _ = Stream.DestroyAsync();
    }
}
