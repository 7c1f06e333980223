using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Native.Exports;

/// <summary>Reed-Solomon: part 4 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class ReedSolomonExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_rs_shards_max")]
    private static uint GetShardsMax() => ReedSolomon.MaxShards;

    [UnmanagedCallersOnly(EntryPoint = "mt_rs_create")]
    private static Status Create(nuint* output, uint dataShards, uint parityShards, ReedSolomonOptions* options)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;

            Status status = Check(options);
            if (status != Status.Ok)
                return status;

            // Checked here because an int cannot hold what C may pass.
            if ((ulong)dataShards + parityShards > ReedSolomon.MaxShards)
            {
                return LastError.Set(
                    Status.InvalidArgument,
                    $"The scheme {dataShards}+{parityShards} has {(ulong)dataShards + parityShards} shards: at most {ReedSolomon.MaxShards} are possible.");
            }

            ReedSolomon code = ReedSolomon.Get((int)dataShards, (int)parityShards);
            *output = HandleTable.Shared.Add(HandleKind.ReedSolomon, code);
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_rs_encode")]
    private static Status Encode(nuint handle, byte** parity, byte** data, nuint shardLength)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.ReedSolomon, out ReedSolomon? code))
                return Guard.Handle("rs");
            Status status = Check("data", data, code.DataShards);
            if (status == Status.Ok)
                status = Check("parity", parity, code.ParityShards);
            if (status == Status.Ok)
                status = Check(shardLength);
            for (int i = 0; status == Status.Ok && i < code.ParityShards; i++)
                status = CheckParity(parity, i, code.ParityShards, data, code.DataShards, shardLength);
            if (status == Status.Ok && shardLength != 0)
                code.Encode(data, parity, shardLength);
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_rs_verify")]
    private static Status Verify(nuint handle, int* ok, byte** shards, nuint shardLength)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.ReedSolomon, out ReedSolomon? code))
                return Guard.Handle("rs");
            if (ok is null)
                return Guard.Null("ok");
            Status status = Check("shards", shards, code.TotalShards);
            if (status == Status.Ok)
                status = Check(shardLength);
            if (status == Status.Ok)
                *ok = shardLength == 0 || code.Verify(shards, shardLength) ? 1 : 0;
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_rs_reconstruct")]
    private static Status Reconstruct(nuint handle, byte** shards, byte* present, nuint shardLength)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.ReedSolomon, out ReedSolomon? code))
                return Guard.Handle("rs");
            if (shards is null || present is null)
                return Guard.Null(shards is null ? "shards" : "present");

            int there = 0;
            for (int i = 0; i < code.TotalShards; i++)
            {
                if (present[i] == 0)
                    continue;
                if (shards[i] is null)
                    return Guard.NullElement("shards", (nuint)i);
                there++;
            }

            Status status = Check(shardLength);
            if (status != Status.Ok)
                return status;
            if (there < code.DataShards)
            {
                return LastError.Set(
                    Status.NotEnoughShards, $"{there} of {code.TotalShards} shards are present; {code.DataShards} are needed.");
            }

            for (int i = 0; status == Status.Ok && i < code.TotalShards; i++)
            {
                if (present[i] == 0 && shards[i] is not null)
                    status = CheckMissing(shards, i, present, code.TotalShards, shardLength);
            }

            if (status == Status.Ok && shardLength != 0)
                code.Reconstruct(shards, new ReadOnlySpan<byte>(present, code.TotalShards), shardLength);
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_rs_update")]
    private static Status Update(nuint handle, byte** parity, uint dataIndex, byte* oldData, byte* newData, nuint shardLength) =>
        UpdateInside(handle, parity, dataIndex, oldData, newData, shardLength);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status UpdateInside(nuint handle, byte** parity, uint dataIndex, byte* oldData, byte* newData, nuint shardLength)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.ReedSolomon, out ReedSolomon? code))
                return Guard.Handle("rs");
            if (dataIndex >= (uint)code.DataShards)
            {
                return LastError.Set(
                    Status.InvalidArgument, $"data_index is {dataIndex}; there are {code.DataShards} data shards, numbered from 0.");
            }

            if (oldData is null || newData is null)
                return Guard.Null(oldData is null ? "old_data" : "new_data");
            Status status = Check("parity", parity, code.ParityShards);
            if (status == Status.Ok)
                status = Check(shardLength);
            byte** changed = stackalloc byte*[] { oldData, newData };
            for (int i = 0; status == Status.Ok && i < code.ParityShards; i++)
                status = CheckParity(parity, i, code.ParityShards, changed, 2, shardLength);
            if (status == Status.Ok && shardLength != 0)
                code.Update((int)dataIndex, oldData, newData, parity, shardLength);
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_rs_destroy")]
    private static void Destroy(nuint handle)
    {
        try
        {
            Guard.Destroy("rs", handle, HandleKind.ReedSolomon);
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
        }
    }

    private static Status Check(ReedSolomonOptions* options)
    {
        if (options is null)
            return Status.Ok;

        Status status = NativeStruct.Read("options", options, out ReedSolomonOptions value);
        if (status != Status.Ok)
            return status;
        if (value.Matrix != ReedSolomonOptions.MatrixCauchy)
            return LastError.Set(Status.Unsupported, $"matrix is {value.Matrix}; MT_RS_MATRIX_CAUCHY (0) is the only one so far.");
        return Status.Ok;
    }

    private static Status Check(string name, byte** shards, int count)
    {
        if (shards is null)
            return count == 0 ? Status.Ok : Guard.Null(name);
        int missing = Guard.FirstNull(shards, count);
        return missing < 0 ? Status.Ok : Guard.NullElement(name, (nuint)missing);
    }

    private static Status Check(nuint shardLength) => Guard.CheckLength("shard_length", shardLength);

    /// <summary>Whether a parity shard overlaps a later one, what it is computed from, or the arrays that say where they are.</summary>
    private static Status CheckParity(byte** parity, int index, int parityCount, byte** inputs, int inputCount, nuint shardLength)
    {
        byte* shard = parity[index];
        for (int i = 0; i < inputCount; i++)
        {
            if (Guard.Overlap(shard, shardLength, inputs[i], shardLength))
                return Guard.Overlap($"parity[{index}]", "a data shard");
        }

        for (int i = index + 1; i < parityCount; i++)
        {
            if (Guard.Overlap(shard, shardLength, parity[i], shardLength))
                return Guard.Overlap($"parity[{index}]", $"parity[{i}]");
        }

        return Guard.Overlap(shard, shardLength, parity, (nuint)(parityCount * sizeof(byte*)))
            || Guard.Overlap(shard, shardLength, inputs, (nuint)(inputCount * sizeof(byte*)))
            ? Guard.Overlap($"parity[{index}]", "an array of pointers")
            : Status.Ok;
    }

    /// <summary>Whether a shard that is to be rebuilt overlaps another that is read or rebuilt, or an array.</summary>
    private static Status CheckMissing(byte** shards, int index, byte* present, int count, nuint shardLength)
    {
        byte* shard = shards[index];
        for (int i = 0; i < count; i++)
        {
            if (i != index && shards[i] is not null && Guard.Overlap(shard, shardLength, shards[i], shardLength))
                return Guard.Overlap($"shards[{index}]", $"shards[{i}]");
        }

        return Guard.Overlap(shard, shardLength, shards, (nuint)(count * sizeof(byte*)))
            || Guard.Overlap(shard, shardLength, present, (nuint)count)
            ? Guard.Overlap($"shards[{index}]", "the arrays")
            : Status.Ok;
    }
}
