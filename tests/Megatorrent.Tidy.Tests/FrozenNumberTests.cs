using Megatorrent.Core;

namespace Megatorrent.Tidy.Tests;

/// <summary>Numbers that leave the process keep their meaning for ever.</summary>
public sealed class FrozenNumberTests
{
    [Fact]
    public void ErrorKindsAreFrozen()
    {
        (ErrorKind Kind, int Value)[] frozen =
        [
            (ErrorKind.Internal, 1),
            (ErrorKind.InvalidArgument, 2),
            (ErrorKind.Malformed, 3),
            (ErrorKind.NotEnoughBlobs, 4),
            (ErrorKind.Integrity, 5),
            (ErrorKind.Unauthorized, 6),
            (ErrorKind.Unreachable, 7),
            (ErrorKind.StoreFull, 8),
            (ErrorKind.NotFound, 9),
            (ErrorKind.InputOutput, 10),
            (ErrorKind.Timeout, 11),
            (ErrorKind.Unsupported, 12),
            (ErrorKind.Canceled, 13),
            (ErrorKind.LimitExceeded, 14),
            (ErrorKind.ProtocolViolation, 15),
        ];
        Assert.All(frozen, pair => Assert.Equal(pair.Value, (int)pair.Kind));
        Assert.Equal(Enum.GetValues<ErrorKind>().Order(), frozen.Select(pair => pair.Kind));
    }
}
