using System.Runtime.CompilerServices;
using System.Text.Json;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Coordination.Etcd;

/// <summary>Watches: one answer without an end, a JSON document a line.</summary>
internal sealed partial class EtcdClient
{
    /// <summary>What happens to the keys that begin with a prefix, as it happens.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="revision">The first revision to tell about.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MegatorrentException">
    /// The stream ended, by itself or by an error, or the revision is no longer kept: read anew, and watch from there.
    /// </exception>
    public async IAsyncEnumerable<EtcdEntry> WatchAsync(
        string prefix, long revision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string endpoint = CurrentEndpoint();
        byte[] request = EtcdJson.Write(writer =>
        {
            writer.WriteStartObject("create_request");
            EtcdJson.WriteKey(writer, "key", prefix);
            EtcdJson.WriteKey(writer, "range_end", EtcdJson.EndOfPrefix(prefix));
            EtcdJson.WriteLong(writer, "start_revision", revision);
            writer.WriteEndObject();
        });
        using HttpResponseMessage response = await OpenWatchAsync(endpoint, request, cancellationToken);
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var lines = new LineBuffer(AnswerLengthMax);
        while (true)
        {
            while (lines.TryTake(out byte[] line))
            {
                JsonElement result = EtcdJson.Get(EtcdJson.Parse(line), "result") ?? throw Ended(endpoint, "it told of an error");
                if (EtcdJson.GetBool(result, "canceled"))
                    throw Ended(endpoint, EtcdJson.GetText(result, "cancel_reason") is { Length: > 0 } why ? why : "etcd ended it");
                foreach (JsonElement happened in EtcdJson.GetList(result, "events"))
                {
                    bool isDeleted = EtcdJson.GetText(happened, "type") == "DELETE";
                    if (EtcdJson.Get(happened, "kv") is { } kv)
                        yield return EtcdJson.ReadEntry(kv, isDeleted);
                }
            }
            if (!await ReadMoreAsync(endpoint, stream, lines, cancellationToken))
                throw Ended(endpoint, "the connection was closed");
        }
    }

    private async ValueTask<HttpResponseMessage> OpenWatchAsync(string endpoint, byte[] request, CancellationToken cancellationToken)
    {
        string? token = null;
        using var limit = new Deadline(_options.RequestTimeoutMs, _time, cancellationToken);
        try
        {
            token = await TokenAsync(endpoint, limit.Token);
            HttpResponseMessage response = await SendAsync(endpoint, "watch", request, token, limit.Token);
            if ((int)response.StatusCode == 200)
                return response;
            using (response)
                throw Refusal(endpoint, response, await ReadAllAsync(endpoint, response, limit.Token));
        }
        catch (EtcdFailure failure)
        {
            if (failure.Cure == EtcdFailure.Remedy.Authenticate && token is not null)
                ForgetToken(endpoint, token);
            if (failure.Cure == EtcdFailure.Remedy.AskAnother)
                PassOn(endpoint);
            throw failure.Outward();
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MegatorrentException(
                ErrorKind.Unreachable, $"etcd at {endpoint} did not answer within {_options.RequestTimeoutMs} ms.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Broken(endpoint, exception).Outward();
        }
    }

    private static async ValueTask<bool> ReadMoreAsync(
        string endpoint, Stream stream, LineBuffer lines, CancellationToken cancellationToken)
    {
        try
        {
            int read = await stream.ReadAsync(lines.Free(), cancellationToken);
            lines.Filled(read);
            return read > 0;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Broken(endpoint, exception).Outward();
        }
    }

    private MegatorrentException Ended(string endpoint, string why)
    {
        PassOn(endpoint);
        return new MegatorrentException(ErrorKind.Unreachable, $"The watch at etcd {endpoint} ended: {why}.");
    }

    /// <summary>Cuts what is read into lines, of a bounded length.</summary>
    private sealed class LineBuffer(int lengthMax)
    {
        private byte[] _bytes = new byte[16 * 1024];
        private int _count;

        public Memory<byte> Free()
        {
            if (_count == _bytes.Length)
            {
                if (_count >= lengthMax)
                    throw new MegatorrentException(ErrorKind.LimitExceeded, $"etcd sent a line of more than {lengthMax} bytes.");
                Array.Resize(ref _bytes, (int)Math.Min(lengthMax, 2L * _bytes.Length));
            }
            return _bytes.AsMemory(_count);
        }

        public void Filled(int count) => _count += count;

        public bool TryTake(out byte[] line)
        {
            line = [];
            while (line.Length == 0)
            {
                int end = _bytes.AsSpan(0, _count).IndexOf((byte)'\n');
                if (end < 0)
                    return false;
                line = _bytes[..end];
                _bytes.AsSpan(end + 1, _count - end - 1).CopyTo(_bytes);
                _count -= end + 1;
            }
            return true;
        }
    }
}
