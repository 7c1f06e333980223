using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Coordination.Etcd;

/// <summary>
/// Speaks to etcd (3.4 and later) through its JSON gateway: asks one member, and another when that one does not answer. Thread-safe.
/// </summary>
internal sealed partial class EtcdClient : IDisposable
{
    /// <summary>Bytes of an answer at most: all members' records of 1024 nodes in base64 fit.</summary>
    public const int AnswerLengthMax = 12 * 1024 * 1024;

    private const int RoundsMax = 2; // times that every member is asked before a request fails

    private readonly EtcdOptions _options;
    private readonly TimeProvider _time;
    private readonly IRandomSource _random;
    private readonly HttpMessageInvoker _http;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal); // by endpoint: simple tokens are a member's own
    private int _turn;

    /// <summary>Prepares a client; nothing is asked yet.</summary>
    public EtcdClient(EtcdOptions options, TimeProvider time, IRandomSource random)
    {
        options.Validate();
        _options = options;
        _time = time;
        _random = random;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxResponseHeadersLength = 64, // KiB
            ConnectTimeout = TimeSpan.FromMilliseconds(options.RequestTimeoutMs),
        };
        if (options.TrustedRoots is { } roots)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck, // a private authority rarely runs a revocation service
            };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions.CertificateChainPolicy = policy;
        }
        if (options.ClientCertificate is { } certificate)
        {
            handler.SslOptions.ClientCertificateContext =
                SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }
        _http = new HttpMessageInvoker(handler);
    }

    /// <summary>A key's entry; null when there is none.</summary>
    /// <exception cref="MegatorrentException">Nobody answers, or the answer is an error.</exception>
    public async ValueTask<EtcdEntry?> GetAsync(string key, CancellationToken cancellationToken)
    {
        JsonElement answer = await CallAsync(
            "kv/range", EtcdJson.Write(writer => EtcdJson.WriteKey(writer, "key", key)), cancellationToken);
        return EtcdJson.GetList(answer, "kvs").Select(static kv => EtcdJson.ReadEntry(kv)).FirstOrDefault();
    }

    /// <summary>Every entry whose key begins with a prefix, and the revision that this was so at.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="limit">Entries at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MegatorrentException">Nobody answers, or the answer is an error.</exception>
    public async ValueTask<(List<EtcdEntry> Entries, long Revision)> ListAsync(string prefix, int limit, CancellationToken cancellationToken)
    {
        byte[] request = EtcdJson.Write(writer =>
        {
            EtcdJson.WriteKey(writer, "key", prefix);
            EtcdJson.WriteKey(writer, "range_end", EtcdJson.EndOfPrefix(prefix));
            EtcdJson.WriteLong(writer, "limit", limit);
        });
        JsonElement answer = await CallAsync("kv/range", request, cancellationToken);
        long revision = EtcdJson.GetLong(EtcdJson.Get(answer, "header") ?? default, "revision");
        return ([.. EtcdJson.GetList(answer, "kvs").Select(static kv => EtcdJson.ReadEntry(kv))], revision);
    }

    /// <summary>Puts a value if the key has not been written since a revision.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="modRevision">The entry's revision as known; 0 when there must be none.</param>
    /// <param name="lease">The lease that the entry ends with, 0 for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was put, else what is there.</returns>
    /// <exception cref="MegatorrentException">Nobody answers, or the answer is an error. Whether it was put is not known where nobody answered.</exception>
    public async ValueTask<(bool Done, EtcdEntry? Found)> PutIfAsync(
        string key, byte[] value, long modRevision, long lease, CancellationToken cancellationToken)
    {
        byte[] request = EtcdJson.Write(writer =>
        {
            Compare(writer, key, modRevision);
            Operation(writer, "success", "request_put", () =>
            {
                EtcdJson.WriteKey(writer, "key", key);
                writer.WriteBase64String("value", value);
                EtcdJson.WriteLong(writer, "lease", lease);
            });
            Operation(writer, "failure", "request_range", () => EtcdJson.WriteKey(writer, "key", key));
        });
        JsonElement answer = await CallAsync("kv/txn", request, cancellationToken);
        if (EtcdJson.GetBool(answer, "succeeded"))
            return (true, null);
        EtcdEntry? found = EtcdJson.GetList(answer, "responses")
            .SelectMany(static response => EtcdJson.GetList(EtcdJson.Get(response, "response_range") ?? default, "kvs"))
            .Select(static kv => EtcdJson.ReadEntry(kv)).FirstOrDefault();
        return (found is not null && found.Value.AsSpan().SequenceEqual(value), found); // an earlier attempt whose answer was lost
    }

    /// <summary>Puts a value.</summary>
    /// <exception cref="MegatorrentException">Nobody answers, or the answer is an error.</exception>
    public async ValueTask PutAsync(string key, byte[] value, long lease, CancellationToken cancellationToken) =>
        await CallAsync("kv/put", EtcdJson.Write(writer =>
        {
            EtcdJson.WriteKey(writer, "key", key);
            writer.WriteBase64String("value", value);
            EtcdJson.WriteLong(writer, "lease", lease);
        }), cancellationToken);

    /// <summary>Deletes a key if it has not been written since a revision.</summary>
    /// <exception cref="MegatorrentException">Nobody answers, or the answer is an error.</exception>
    public async ValueTask DeleteIfAsync(string key, long modRevision, CancellationToken cancellationToken) =>
        await CallAsync("kv/txn", EtcdJson.Write(writer =>
        {
            Compare(writer, key, modRevision);
            Operation(writer, "success", "request_delete_range", () => EtcdJson.WriteKey(writer, "key", key));
        }), cancellationToken);

    /// <summary>Takes a lease and returns its number.</summary>
    /// <exception cref="MegatorrentException">Nobody answers, or the answer is an error.</exception>
    public async ValueTask<long> GrantAsync(int seconds, CancellationToken cancellationToken)
    {
        byte[] request = EtcdJson.Write(writer => EtcdJson.WriteLong(writer, "TTL", seconds));
        return EtcdJson.GetLong(await CallAsync("lease/grant", request, cancellationToken), "ID");
    }

    /// <summary>Renews a lease; false when it has ended.</summary>
    /// <exception cref="MegatorrentException">Nobody answers, or the answer is an error.</exception>
    public async ValueTask<bool> KeepAliveAsync(long lease, CancellationToken cancellationToken)
    {
        byte[] request = EtcdJson.Write(writer => EtcdJson.WriteLong(writer, "ID", lease));
        JsonElement answer = await CallAsync("lease/keepalive", request, cancellationToken);
        return EtcdJson.GetLong(EtcdJson.Get(answer, "result") ?? answer, "TTL") > 0;
    }

    /// <summary>Ends a lease, and deletes every key that goes with it.</summary>
    /// <exception cref="MegatorrentException">Nobody answers, or the answer is an error.</exception>
    public async ValueTask RevokeAsync(long lease, CancellationToken cancellationToken) =>
        await CallAsync("lease/revoke", EtcdJson.Write(writer => EtcdJson.WriteLong(writer, "ID", lease)), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static void Compare(Utf8JsonWriter writer, string key, long modRevision)
    {
        writer.WriteStartArray("compare");
        writer.WriteStartObject();
        EtcdJson.WriteKey(writer, "key", key);
        writer.WriteString("target", "MOD");
        writer.WriteString("result", "EQUAL");
        EtcdJson.WriteLong(writer, "mod_revision", modRevision);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void Operation(Utf8JsonWriter writer, string branch, string kind, Action fields)
    {
        writer.WriteStartArray(branch);
        writer.WriteStartObject();
        writer.WriteStartObject(kind);
        fields();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    // One request, of whichever member answers.
    private async ValueTask<JsonElement> CallAsync(string path, byte[] body, CancellationToken cancellationToken)
    {
        int members = _options.Endpoints.Count;
        for (int attempt = 1; ; attempt++)
        {
            string endpoint = CurrentEndpoint();
            try
            {
                return await CallAuthenticatedAsync(endpoint, path, body, cancellationToken);
            }
            catch (EtcdFailure failure) when (failure.Cure == EtcdFailure.Remedy.AskAnother && attempt < members * RoundsMax)
            {
                PassOn(endpoint);
                if (attempt % members == 0)
                    await Task.Delay(Jitter(_options.BackOffMs), _time, cancellationToken);
            }
            catch (EtcdFailure failure)
            {
                if (failure.Cure == EtcdFailure.Remedy.AskAnother)
                    PassOn(endpoint);
                throw failure.Outward();
            }
        }
    }

    private async ValueTask<JsonElement> CallAuthenticatedAsync(string endpoint, string path, byte[] body, CancellationToken cancellationToken)
    {
        string? token = await TokenAsync(endpoint, cancellationToken);
        try
        {
            return await CallOnceAsync(endpoint, path, body, token, cancellationToken);
        }
        catch (EtcdFailure failure) when (failure.Cure == EtcdFailure.Remedy.Authenticate && token is not null)
        {
            ForgetToken(endpoint, token);
            return await CallOnceAsync(endpoint, path, body, await TokenAsync(endpoint, cancellationToken), cancellationToken);
        }
    }

    private async ValueTask<string?> TokenAsync(string endpoint, CancellationToken cancellationToken)
    {
        if (_options.User is null)
            return null;
        lock (_gate)
        {
            if (_tokens.TryGetValue(endpoint, out string? known))
                return known.Length > 0 ? known : null;
        }
        byte[] request = EtcdJson.Write(writer =>
        {
            writer.WriteString("name", _options.User);
            writer.WriteString("password", _options.Password);
        });
        string token = "";
        try
        {
            token = EtcdJson.GetText(await CallOnceAsync(endpoint, "auth/authenticate", request, null, cancellationToken), "token");
        }
        catch (EtcdFailure failure) when (failure.Kind == ErrorKind.Unsupported)
        {
            // Authentication is not enabled there: nobody asks for a token.
        }
        lock (_gate)
            _tokens[endpoint] = token;
        return token.Length > 0 ? token : null;
    }

    private void ForgetToken(string endpoint, string token)
    {
        lock (_gate)
        {
            if (_tokens.GetValueOrDefault(endpoint) == token)
                _tokens.Remove(endpoint);
        }
    }

    private async ValueTask<JsonElement> CallOnceAsync(
        string endpoint, string path, byte[] body, string? token, CancellationToken cancellationToken)
    {
        using var limit = new Deadline(_options.RequestTimeoutMs, _time, cancellationToken);
        try
        {
            using HttpResponseMessage response = await SendAsync(endpoint, path, body, token, limit.Token);
            byte[] answer = await ReadAllAsync(endpoint, response, limit.Token);
            return (int)response.StatusCode == 200 ? EtcdJson.Parse(answer) : throw Refusal(endpoint, response, answer);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EtcdFailure(
                ErrorKind.Unreachable, $"etcd at {endpoint} did not answer within {_options.RequestTimeoutMs} ms.",
                EtcdFailure.Remedy.AskAnother, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Broken(endpoint, exception);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        string endpoint, string path, byte[] body, string? token, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{endpoint.TrimEnd('/')}/v3/{path}") { Content = content };
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", token);
        return await _http.SendAsync(request, cancellationToken);
    }

    private static async ValueTask<byte[]> ReadAllAsync(string endpoint, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var answer = new MemoryStream();
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (answer.Length + read > AnswerLengthMax)
                throw TooLong(endpoint);
            answer.Write(buffer, 0, read);
        }
        return answer.ToArray();
    }

    private static EtcdFailure TooLong(string endpoint) => new(
        ErrorKind.LimitExceeded, $"etcd at {endpoint} answered with more than {AnswerLengthMax} bytes.", EtcdFailure.Remedy.None);

    private static EtcdFailure Refusal(string endpoint, HttpResponseMessage response, byte[] answer)
    {
        int code = 0;
        string message = response.ReasonPhrase ?? "";
        try
        {
            JsonElement error = EtcdJson.Parse(answer);
            error = EtcdJson.Get(error, "error") is { ValueKind: JsonValueKind.Object } nested ? nested : error;
            code = (int)(EtcdJson.GetLong(error, "code") + EtcdJson.GetLong(error, "grpc_code"));
            message = EtcdJson.GetText(error, "message") is { Length: > 0 } said ? said
                : EtcdJson.GetText(error, "error") is { Length: > 0 } older ? older : message;
        }
        catch (MegatorrentException)
        {
            // Not etcd's own words: a proxy's, say. The status remains.
        }
        return EtcdFailure.Of(endpoint, (int)response.StatusCode, code, message);
    }

    private static EtcdFailure Broken(string endpoint, Exception exception)
    {
        if (exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
        {
            string why = (exception.InnerException ?? exception).Message;
            return new EtcdFailure(
                ErrorKind.Unauthorized,
                $"No secure connection with etcd at {endpoint}: {why} Check --etcd-ca, --etcd-cert, --etcd-key, and the host's name.",
                EtcdFailure.Remedy.AskAnother, exception);
        }
        return new EtcdFailure(
            ErrorKind.Unreachable, $"etcd at {endpoint} cannot be reached: {exception.Message}", EtcdFailure.Remedy.AskAnother, exception);
    }

    private string CurrentEndpoint()
    {
        lock (_gate)
            return _options.Endpoints[_turn];
    }

    // Another caller may have passed on already.
    private void PassOn(string failed)
    {
        lock (_gate)
        {
            if (_options.Endpoints[_turn] == failed)
                _turn = (_turn + 1) % _options.Endpoints.Count;
        }
    }

    private TimeSpan Jitter(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds * (0.75 + 0.5 * _random.NextDouble()));
}
