using Megatorrent.Client;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Operations;

/// <summary>
/// Checks and copies the arguments of the calls of the client, in the order of the header, and gives the call that is ready to run. The same
/// for a call whose caller waits and for one that runs as an operation.
/// </summary>
internal static unsafe class ClientArguments
{
    /// <summary>The name of an object that has none.</summary>
    private const string DefaultName = "data";

    /// <summary>mt_client_open.</summary>
    public static Status Open(byte* cluster, ClientOpenOptions* options, out Call call)
    {
        call = null!;
        ClientOpenOptions how = default;
        Status status = options is null ? Status.Ok : NativeStruct.Read("options", options, out how);
        string? credential = null, path = null;
        string[]? endpoints = null;
        if (status == Status.Ok && cluster is not null)
            status = ReadEndpoints(cluster, out endpoints);
        if (status == Status.Ok)
            status = Optional("options->credential", how.Credential, out credential);
        if (status == Status.Ok)
            status = Optional("options->credential_path", how.CredentialPath, out path);
        if (status != Status.Ok)
            return status;
        if (credential is not null && path is not null)
            return LastError.Set(Status.InvalidArgument, "options has a credential and a credential_path; give one of them.");
        if (how.RequestTimeoutMs > int.MaxValue)
            return LastError.Set(Status.InvalidArgument, $"request_timeout_ms is {how.RequestTimeoutMs}; at most {int.MaxValue} are possible.");
        if (how.MemoryBytesMax > long.MaxValue)
            return LastError.Set(Status.InvalidArgument, $"memory_bytes_max is {how.MemoryBytesMax}; at most {long.MaxValue} are possible.");

        ClientLimits limits = new((int)how.RequestTimeoutMs, (long)how.MemoryBytesMax);
        call = new Call("open", null, (self, token) => ClientWork.OpenAsync(self, endpoints, credential, path, limits, token));
        return Status.Ok;
    }

    /// <summary>mt_client_put.</summary>
    public static Status Put(nuint handle, byte* data, nuint length, ClientPutOptions* options, out Call call)
    {
        call = null!;
        PutArguments how = null!;
        Status status = Find(handle, out ClientHolder client);
        if (status == Status.Ok)
            status = Guard.CheckInput("data", data, length);
        if (status == Status.Ok)
            status = Guard.CheckLength("length", length);
        if (status == Status.Ok)
            status = ReadPut(options, out how);
        if (status != Status.Ok)
            return status;

        NativeBuffer bytes = new(data, length);
        call = new Call("put", client, (self, token) => ClientWork.PutAsync(self, client, bytes, how.Name, how.Options, how.Result, token))
        {
            Progress = how.Progress,
        };
        return Status.Ok;
    }

    /// <summary>mt_client_put_file.</summary>
    public static Status PutFile(nuint handle, byte* path, ClientPutOptions* options, out Call call)
    {
        call = null!;
        PutArguments how = null!;
        string text = "";
        Status status = Find(handle, out ClientHolder client);
        if (status == Status.Ok)
            status = ReadPath(path, out text);
        if (status == Status.Ok)
            status = ReadPut(options, out how);
        if (status != Status.Ok)
            return status;

        call = new Call("put", client, (self, token) => ClientWork.PutFileAsync(self, client, text, how.Options, how.Result, token))
        {
            Progress = how.Progress,
        };
        return Status.Ok;
    }

    /// <summary>mt_client_get_file.</summary>
    public static Status GetFile(nuint handle, byte* path, byte* capability, ClientGetOptions* options, out Call call)
    {
        call = null!;
        string destination = "";
        Capability named = null!;
        ClientGetOptions how = default;
        NativeTarget<ClientGetResult>? result = null;
        Status status = Find(handle, out ClientHolder client);
        if (status == Status.Ok)
            status = ReadPath(path, out destination);
        if (status == Status.Ok)
            status = ReadCapability(capability, out named);
        if (status == Status.Ok && options is not null)
            status = NativeStruct.Read("options", options, out how);
        if (status == Status.Ok && how.Result is not null)
            status = NativeTarget<ClientGetResult>.Create("options->result", how.Result, out result);
        if (status != Status.Ok)
            return status;

        GetOptions managed = new() { Overwrite = how.Overwrite != 0 };
        call = new Call("get", client, (self, token) => ClientWork.GetFileAsync(self, client, destination, named, managed, result, token))
        {
            Progress = NativeProgress.Create(how.Progress, how.ProgressContext),
        };
        return Status.Ok;
    }

    /// <summary>mt_client_read.</summary>
    public static Status Read(nuint handle, byte* destination, nuint capacity, byte* capability, ulong offset, out Call call)
    {
        call = null!;
        Capability named = null!;
        Status status = Find(handle, out ClientHolder client);
        if (status == Status.Ok)
            status = CheckDestination(destination, capacity);
        if (status == Status.Ok)
            status = ReadCapability(capability, out named);
        if (status == Status.Ok)
            status = CheckOffset(offset);
        if (status != Status.Ok)
            return status;

        NativeBuffer bytes = new(destination, capacity);
        call = new Call("read", client, (self, token) => ClientWork.ReadAsync(self, client, named, bytes, (long)offset, token));
        return Status.Ok;
    }

    /// <summary>mt_client_verify.</summary>
    public static Status Verify(nuint handle, ClientVerifyReport* report, byte* capability, ClientCheckOptions* options, out Call call)
    {
        call = null!;
        Status status = Check(handle, report, capability, options, out CheckArguments<ClientVerifyReport> how);
        if (status != Status.Ok)
            return status;
        call = new Call("verify", how.Client, (self, token) => ClientWork.VerifyAsync(self, how.Client, how.Capability, how.Report, token))
        {
            Progress = how.Progress,
        };
        return Status.Ok;
    }

    /// <summary>mt_client_repair.</summary>
    public static Status Repair(nuint handle, ClientRepairReport* report, byte* capability, ClientCheckOptions* options, out Call call)
    {
        call = null!;
        Status status = Check(handle, report, capability, options, out CheckArguments<ClientRepairReport> how);
        if (status != Status.Ok)
            return status;
        call = new Call("repair", how.Client, (self, token) => ClientWork.RepairAsync(self, how.Client, how.Capability, how.Report, token))
        {
            Progress = how.Progress,
        };
        return Status.Ok;
    }

    /// <summary>mt_client_status.</summary>
    public static Status GetStatus(nuint handle, ClientStatus* destination, out Call call)
    {
        call = null!;
        NativeTarget<ClientStatus> target = null!;
        Status status = Find(handle, out ClientHolder client);
        if (status == Status.Ok)
            status = NativeTarget<ClientStatus>.Create("status", destination, out target);
        if (status == Status.Ok)
            call = new Call("status", client, (_, token) => ClientWork.StatusAsync(client, target, token));
        return status;
    }

    /// <summary>mt_object_open.</summary>
    public static Status OpenObject(nuint handle, byte* capability, out Call call)
    {
        call = null!;
        Capability named = null!;
        Status status = Find(handle, out ClientHolder client);
        if (status == Status.Ok)
            status = ReadCapability(capability, out named);
        if (status == Status.Ok)
            call = new Call("open object", client, (self, token) => ClientWork.OpenObjectAsync(self, client, named, token));
        return status;
    }

    /// <summary>mt_object_read.</summary>
    public static Status ReadObject(nuint handle, byte* destination, nuint capacity, ulong offset, out Call call)
    {
        call = null!;
        if (!HandleTable.Shared.TryGet(handle, HandleKind.Object, out ObjectHolder? found))
            return Guard.Handle("object");
        Status status = CheckDestination(destination, capacity);
        if (status == Status.Ok)
            status = CheckOffset(offset);
        if (status != Status.Ok)
            return status;

        NativeBuffer bytes = new(destination, capacity);
        call = new Call("read", found.Client, (self, token) => ClientWork.ReadAsync(self, found.Stored, bytes, (long)offset, token));
        return Status.Ok;
    }

    /// <summary>mt_download_read.</summary>
    public static Status ReadDownload(nuint handle, byte* destination, nuint capacity, out Call call)
    {
        call = null!;
        if (!HandleTable.Shared.TryGet(handle, HandleKind.Download, out StreamHolder<ObjectDownload>? download))
            return Guard.Handle("download");
        Status status = CheckDestination(destination, capacity);
        if (status != Status.Ok)
            return status;

        NativeBuffer bytes = new(destination, capacity);
        call = new Call("read", download.Client, (self, token) => ClientWork.ReadNextAsync(self, download, bytes, token));
        return Status.Ok;
    }

    /// <summary>mt_upload_write.</summary>
    public static Status WriteUpload(nuint handle, byte* data, nuint length, out Call call)
    {
        call = null!;
        if (!HandleTable.Shared.TryGet(handle, HandleKind.Upload, out UploadHolder? upload))
            return Guard.Handle("upload");
        Status status = Guard.CheckInput("data", data, length);
        if (status == Status.Ok)
            status = Guard.CheckLength("length", length);
        if (status != Status.Ok)
            return status;

        NativeBuffer bytes = new(data, length);
        call = new Call("write", upload.Stream.Client, (_, token) => ClientWork.WriteAsync(upload.Stream, bytes, token));
        return Status.Ok;
    }

    /// <summary>mt_upload_finish.</summary>
    public static Status FinishUpload(nuint handle, out Call call)
    {
        call = null!;
        if (!HandleTable.Shared.TryGet(handle, HandleKind.Upload, out UploadHolder? upload))
            return Guard.Handle("upload");
        call = new Call(
            "finish", upload.Stream.Client, (self, token) => ClientWork.FinishAsync(self, upload.Stream, upload.Result, token));
        return Status.Ok;
    }

    /// <summary>Reads the options of a put, which may be NULL.</summary>
    /// <returns>Ok; StructSize, Unsupported, InvalidArgument.</returns>
    public static Status ReadPut(ClientPutOptions* source, out PutArguments arguments)
    {
        arguments = new PutArguments(DefaultName, new PutOptions(), null, null);
        if (source is null)
            return Status.Ok;

        CompressionKind compression = default;
        CipherSuite suite = default;
        string? name = null;
        NativeTarget<ClientPutResult>? result = null;
        Status status = NativeStruct.Read("options", source, out ClientPutOptions how);
        if (status == Status.Ok)
            status = Constants.ToSuite(how.Suite, out suite);
        if (status == Status.Ok)
            status = Constants.ToCompression(how.Compression, out compression);
        if (status == Status.Ok)
            status = Optional("options->name", how.Name, out name);
        if (status == Status.Ok && name is not null && Manifest.FaultOfName(name) is { } fault)
            status = LastError.Set(Status.InvalidArgument, $"options->name cannot be used: {fault}.");
        if (status == Status.Ok && how.Result is not null)
            status = NativeTarget<ClientPutResult>.Create("options->result", how.Result, out result);
        if (status != Status.Ok)
            return status;

        PutOptions options = new() { Deduplicate = how.Deduplicate != 0, Suite = suite, Compression = compression };
        if (how.DataShards != 0 || how.ParityShards != 0)
        {
            Scheme scheme = new((int)Math.Min(how.DataShards, int.MaxValue), (int)Math.Min(how.ParityShards, int.MaxValue));
            scheme.Validate();
            options = options with { Scheme = scheme };
        }

        arguments = new PutArguments(name ?? DefaultName, options, NativeProgress.Create(how.Progress, how.ProgressContext), result);
        return Status.Ok;
    }

    /// <summary>Finds a client by its handle.</summary>
    public static Status Find(nuint handle, out ClientHolder client)
    {
        bool isLive = HandleTable.Shared.TryGet(handle, HandleKind.Client, out ClientHolder? found);
        client = found!;
        return isLive ? Status.Ok : Guard.Handle("client");
    }

    /// <summary>Reads a capability.</summary>
    /// <exception cref="MegatorrentException">Malformed: it is none.</exception>
    public static Status ReadCapability(byte* text, out Capability capability)
    {
        Status status = NativeText.Read("cap", text, out string value);
        capability = status == Status.Ok ? Capability.Parse(value) : null!;
        return status;
    }

    private static Status Check<T>(nuint handle, T* report, byte* capability, ClientCheckOptions* options, out CheckArguments<T> arguments)
        where T : unmanaged, INativeStruct
    {
        arguments = null!;
        Capability named = null!;
        ClientCheckOptions how = default;
        NativeTarget<T> target = null!;
        Status status = Find(handle, out ClientHolder client);
        if (status == Status.Ok)
            status = NativeTarget<T>.Create("report", report, out target);
        if (status == Status.Ok)
            status = ReadCapability(capability, out named);
        if (status == Status.Ok && options is not null)
            status = NativeStruct.Read("options", options, out how);
        if (status == Status.Ok && how.Reserved != 0)
            status = LastError.Set(Status.Unsupported, $"options->reserved is {how.Reserved}; it must be 0.");
        if (status == Status.Ok)
            arguments = new CheckArguments<T>(client, named, target, NativeProgress.Create(how.Progress, how.ProgressContext));
        return status;
    }

    private static Status CheckDestination(byte* destination, nuint capacity)
    {
        Status status = Guard.CheckInput("dst", destination, capacity);
        return status == Status.Ok ? Guard.CheckLength("dst_capacity", capacity) : status;
    }

    private static Status CheckOffset(ulong offset) => offset <= long.MaxValue
        ? Status.Ok
        : LastError.Set(Status.InvalidArgument, $"offset is {offset}; no file is so long.");

    private static Status ReadEndpoints(byte* cluster, out string[]? endpoints)
    {
        endpoints = null;
        Status status = NativeText.Read("cluster", cluster, out string text);
        if (status != Status.Ok)
            return status;
        return EndpointText.TryParseList(text, out endpoints, out string wrong)
            ? Status.Ok
            : LastError.Set(Status.InvalidArgument, $"cluster: '{wrong}' is not an endpoint; {EndpointText.Hint}.");
    }

    private static Status ReadPath(byte* path, out string text)
    {
        Status status = NativeText.Read("path", path, out text);
        return status == Status.Ok && text.Length == 0 ? LastError.Set(Status.InvalidArgument, "path is empty.") : status;
    }

    private static Status Optional(string name, byte* text, out string? value)
    {
        value = null;
        if (text is null)
            return Status.Ok;
        Status status = NativeText.Read(name, text, out string read);
        value = read;
        return status;
    }
}
