using System.Text.Unicode;
using Megatorrent.Core;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Frames between nodes: both ways to read a body agree on what is one, and a frame has one encoding.</summary>
[Covers(typeof(FrameHeader))]
[Covers(typeof(MessageView))]
[Covers(typeof(HelloMessage))]
[Covers(typeof(GetMessage))]
[Covers(typeof(WantMessage))]
[Covers(typeof(FindMessage))]
[Covers(typeof(HaveMessage))]
[Covers(typeof(FoundMessage))]
[Covers(typeof(StoreMessage))]
[Covers(typeof(StoredMessage))]
[Covers(typeof(ErrorMessage))]
[Covers(typeof(NoticeMessage))]
[Covers(typeof(IdList))]
internal sealed class MessagesTarget() : FuzzTarget("node-messages")
{
    protected override bool IsRefusal(ErrorKind kind) => kind is ErrorKind.ProtocolViolation or ErrorKind.Malformed;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        MessageView message;
        int length = 0;
        try
        {
            if (!MessageView.TryDecode(input, out message, out length))
                return;
        }
        catch (MegatorrentException refusal) when (refusal.Kind == ErrorKind.Malformed)
        {
            FrameHeader header = FrameHeader.Read(input); // this is good, or it were a violation
            FuzzFailure.Unless(!IsBody(header.Type, input.Slice(FrameHeader.Length, header.BodyLength)), $"only one reader refuses: {refusal.Message}");
            return;
        }

        FuzzFailure.Unless(IsBody(message.Type, input[FrameHeader.Length..length]), $"only one reader refuses a {message.Type}");
        if (message.Type == MessageType.Error && !Utf8.IsValid(message.Bytes))
            return; // it may be anything when it comes, and may not be sent
        var again = new byte[message.FrameLength];
        message.Encode(again);
        // The end of a hello of a later version, and codes that only that knows, are lost.
        if (message.Type is not (MessageType.Hello or MessageType.Error))
            FuzzFailure.UnlessSame(input[..length], again, message.Type.ToString());
        FuzzFailure.Unless(MessageView.TryDecode(again, out MessageView same, out int sameLength) && sameLength == again.Length, "cannot be read back");
        var third = new byte[same.FrameLength];
        same.Encode(third);
        FuzzFailure.UnlessSame(again, third, message.Type.ToString());
    }

    private static bool IsBody(MessageType type, ReadOnlySpan<byte> body)
    {
        try
        {
            switch (type)
            {
                case MessageType.Hello: HelloMessage.Decode(body); break;
                case MessageType.Get: GetMessage.Decode(body); break;
                case MessageType.Want: WantMessage.Decode(body); break;
                case MessageType.Find: FindMessage.Decode(body); break;
                case MessageType.Have: HaveMessage.Decode(body); break;
                case MessageType.Found: FoundMessage.Decode(body); break;
                case MessageType.Store: StoreMessage.Decode(body); break;
                case MessageType.Stored: StoredMessage.Decode(body); break;
                case MessageType.Error: ErrorMessage.Decode(body); break;
                case MessageType.Notice: NoticeMessage.Decode(body); break;
            }

            return true;
        }
        catch (MegatorrentException refusal) when (refusal.Kind == ErrorKind.Malformed)
        {
            return false;
        }
    }
}
