using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Native.Exports;

/// <summary>Wire messages: part 10 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class WireExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_wire_encode")]
    private static Status Encode(byte* destination, nuint capacity, nuint* length, WireMessage* message) =>
        EncodeInside(destination, capacity, length, message);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status EncodeInside(byte* destination, nuint capacity, nuint* length, WireMessage* message)
    {
        try
        {
            Status status = Output.Check("dst", destination, capacity, length);
            WireMessage members = default;
            if (status == Status.Ok)
                status = NativeStruct.Read("message", message, out members);
            if (status == Status.Ok)
                status = CheckMemory("bytes", members.Bytes, members.BytesLength);
            if (status == Status.Ok)
                status = CheckMemory("items", members.Items, members.ItemsLength);
            if (status != Status.Ok)
                return status;
            if (members.Reserved != 0)
                return LastError.Set(Status.InvalidArgument, $"message->reserved is {members.Reserved}; it must be 0.");

            MessageView view = ToView(members);
            view.Validate();
            if (capacity < (nuint)view.FrameLength)
                return Output.TooSmall("dst", capacity, length, (nuint)view.FrameLength);
            status = Guard.Apart(
                [new("dst", destination, capacity)],
                [new("bytes", members.Bytes, members.BytesLength), new("items", members.Items, members.ItemsLength)]);
            if (status == Status.Ok)
                *length = (nuint)view.Encode(new Span<byte>(destination, view.FrameLength));
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_wire_decode")]
    private static Status Decode(WireMessage* message, nuint* frameLength, byte* data, nuint length) =>
        DecodeInside(message, frameLength, data, length);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status DecodeInside(WireMessage* message, nuint* frameLength, byte* data, nuint length)
    {
        try
        {
            Status status = NativeStruct.Check("message", message, out uint size);
            if (status == Status.Ok)
                status = frameLength is null ? Guard.Null("frame_length") : Guard.CheckInput("data", data, length);
            if (status == Status.Ok)
                status = Guard.CheckLength("length", length);
            if (status != Status.Ok)
                return status;

            // No frame is as long as a span can be.
            ReadOnlySpan<byte> source = new(data, (int)Math.Min(length, int.MaxValue));
            bool isWhole = MessageView.TryDecode(source, out MessageView view, out int needed);
            *frameLength = (nuint)needed;
            if (!isWhole)
                return LastError.Set(Status.Incomplete, $"{length} bytes of a frame of {needed} are there.");
            NativeStruct.Write(message, size, FromView(view));
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    private static Status CheckMemory(string name, byte* memory, nuint length)
    {
        Status status = Guard.CheckInput(name, memory, length);
        if (status == Status.Ok)
            status = Guard.CheckLength($"{name}_length", length);
        return status;
    }

    private static MessageView ToView(WireMessage members) => new()
    {
        // What the narrower types cannot hold becomes a type and a flag that there are not.
        Type = (MessageType)Math.Min(members.Type, byte.MaxValue),
        Flags = (FrameFlags)Math.Min(members.Flags, byte.MaxValue),
        RequestNumber = members.RequestNumber,
        Id = new BlobId(new ReadOnlySpan<byte>(members.Id, BlobId.Length)),
        Offset = members.Offset,
        Length = members.Length,
        Code = members.Code,
        Count = members.Count,
        MinVersion = members.VersionMin,
        MaxVersion = members.VersionMax,
        Features = members.Features,
        MaxRequestsUnderWay = members.RequestsMax,
        MaxBlobLength = members.BlobLengthMax,
        IdleTimeoutMs = members.IdleTimeoutMs,
        Bytes = new ReadOnlySpan<byte>(members.Bytes, (int)Math.Min(members.BytesLength, int.MaxValue)),
        Items = new ReadOnlySpan<byte>(members.Items, (int)Math.Min(members.ItemsLength, int.MaxValue)),
    };

    private static WireMessage FromView(in MessageView view)
    {
        WireMessage members = new()
        {
            Type = (uint)view.Type,
            Flags = (uint)view.Flags,
            RequestNumber = view.RequestNumber,
            Offset = view.Offset,
            Length = view.Length,
            Code = view.Code,
            Count = view.Count,
            VersionMin = view.MinVersion,
            VersionMax = view.MaxVersion,
            Features = view.Features,
            RequestsMax = view.MaxRequestsUnderWay,
            BlobLengthMax = view.MaxBlobLength,
            IdleTimeoutMs = view.IdleTimeoutMs,
            Bytes = Pointer(view.Bytes),
            BytesLength = (nuint)view.Bytes.Length,
            Items = Pointer(view.Items),
            ItemsLength = (nuint)view.Items.Length,
        };
        view.Id.CopyTo(new Span<byte>(members.Id, BlobId.Length));
        return members;
    }

    /// <summary>Where a part of the caller's memory begins, which does not move; NULL for nothing.</summary>
    private static byte* Pointer(ReadOnlySpan<byte> part) =>
        part.IsEmpty ? null : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(part));
}
