using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>Wire messages.</summary>
internal static class WireBehaviours
{
    private const int CutFrameLengthMax = 200;

    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("wire.encode", vectors => vectors.ForEach(
            "wire.json", "good", item => Check.Bytes(item.Hex("frame"), WireCodec.Encode(item.GetProperty("message")), "the frame"))),
        Behaviour.Of("wire.decode", Decode),
        Behaviour.Of("wire.stream", Stream),
        Behaviour.Of("wire.bad", vectors => vectors.ForEach("wire.json", "bad", Bad)),
    ];

    private static void Decode(VectorFolder vectors)
    {
        vectors.ForEach("wire.json", "good", Decode);
        vectors.ForEach("wire.json", "decoded", Decode);
    }

    private static void Decode(JsonElement item)
    {
        byte[] frame = item.Hex("frame");
        FrameHeader header = FrameHeader.Read(frame);
        Check.Equal(frame.Length, FrameHeader.Length + header.BodyLength, "the length of the frame");
        WireCodec.CheckMembers(item.GetProperty("message"), WireCodec.Decode(header, frame.AsSpan(FrameHeader.Length)));

        var sink = new Collector();
        using var assembler = new FrameAssembler(sink);
        assembler.Append([.. frame, 0, 0, 0]);
        Check.Equal(1, sink.Messages.Count, "the number of frames");
        WireCodec.CheckMembers(item.GetProperty("message"), sink.Messages[0]);
    }

    private static void Stream(VectorFolder vectors)
    {
        JsonElement[] good = [.. vectors.Read("wire.json").Items("good")];
        byte[] all = [.. good.SelectMany(item => item.Hex("frame"))];
        foreach (int pieceLength in (int[])[1, 13, all.Length])
        {
            var sink = new Collector();
            using var assembler = new FrameAssembler(sink);
            foreach (byte[] piece in all.Chunk(pieceLength))
                assembler.Append(piece);
            Check.That(assembler.IsBetweenFrames, "the last frame is not complete");
            Check.Equal(good.Length, sink.Messages.Count, "the number of frames");
            for (int i = 0; i < good.Length; i++)
                Check.Named(good[i].Name(), () => WireCodec.CheckMembers(good[i].GetProperty("message"), sink.Messages[i]));
        }

        foreach (JsonElement item in good)
        {
            byte[] frame = item.Hex("frame");
            for (int length = 1; length < frame.Length && frame.Length <= CutFrameLengthMax; length++)
                Check.Named($"{item.Name()}, {length} bytes", () => Cut(frame.AsSpan(0, length)));
        }
    }

    private static void Cut(ReadOnlySpan<byte> beginning)
    {
        var sink = new Collector();
        using var assembler = new FrameAssembler(sink);
        assembler.Append(beginning);
        Check.Equal(0, sink.Messages.Count, "the number of frames");
        Check.That(!assembler.IsBetweenFrames, "a cut frame counts as whole");
    }

    private static void Bad(JsonElement item)
    {
        byte[] frame = item.Hex("frame");
        var sink = new Collector();
        using var assembler = new FrameAssembler(sink);
        if (item.Text("status") == "MT_ERROR_INCOMPLETE")
        {
            assembler.Append(frame);
            Check.Equal(0, sink.Messages.Count, "the number of frames");
            int length = frame.Length < FrameHeader.Length ? FrameHeader.Length : FrameHeader.Length + FrameHeader.Read(frame).BodyLength;
            Check.Equal(item.Int32("frameLength"), length, "the length of the frame");
            return;
        }

        Check.Gives(item.Text("status"), () => assembler.Append(frame), "reading");
    }

    /// <summary>Keeps what arrives; the pieces of a data frame are put together.</summary>
    private sealed class Collector : IFrameSink
    {
        private readonly List<byte> _data = [];

        public List<Dictionary<string, string>> Messages { get; } = [];

        public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> body) => Messages.Add(WireCodec.Decode(header, body));

        public void OnData(in FrameHeader header, ReadOnlySpan<byte> piece, bool endOfFrame)
        {
            _data.AddRange(piece);
            if (!endOfFrame)
                return;
            Messages.Add(WireCodec.Decode(header, _data.ToArray()));
            _data.Clear();
        }
    }
}
