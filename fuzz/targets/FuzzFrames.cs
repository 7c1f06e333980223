using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Frames as a peer that keeps to the rules sends them.</summary>
internal static class FuzzFrames
{
    /// <summary>A frame of a kind and a number that the script says.</summary>
    public static byte[] Make(FuzzScript script)
    {
        int kind = script.Byte() % 9;
        uint number = script.Byte();
        BlobId[] ids = [default, BlobId.Of([])];
        switch (kind)
        {
            case 0:
                var hello = new HelloMessage(1, 1, 0, script.Byte(), MessageLimits.MaxBlobLength, (uint)(1000 * script.Byte()));
                return Frame(MessageType.Hello, 0, HelloMessage.EncodedLength, hello.Encode);
            case 1:
                return Frame(MessageType.Get, number, GetMessage.EncodedLength, new GetMessage(default, script.Short(), script.Short()).Encode);
            case 2:
                return Frame(MessageType.Want, number, new WantMessage(ids).EncodedLength, new WantMessage(ids).Encode);
            case 3:
                var store = new StoreMessage(default, script.Short(), new byte[1 + (script.Byte() % 20)]);
                return Frame(MessageType.Store, number, store.EncodedLength, store.Encode);
            case 4:
                return Frame(MessageType.Find, number, new FindMessage(ids).EncodedLength, new FindMessage(ids).Encode);
            case 5:
                return Frame(MessageType.Cancel, number, 0, static _ => 0);
            case 6:
                return Frame(MessageType.Ping, number, 0, static _ => 0);
            case 7:
                return Frame(MessageType.Proceed, number, 0, static _ => 0);
            default:
                var have = new HaveMessage([true, false, true]);
                return Frame(MessageType.Have, number, have.EncodedLength, have.Encode);
        }
    }

    private delegate int BodyWriter(Span<byte> body);

    private static byte[] Frame(MessageType type, uint number, int length, BodyWriter write)
    {
        byte[] frame = new byte[FrameHeader.Length + length];
        new FrameHeader(type, FrameFlags.None, number, length).Write(frame);
        write(frame.AsSpan(FrameHeader.Length));
        return frame;
    }
}
