using System.Text;
using Megatorrent.Core;

namespace Megatorrent.Native.Tests;

public sealed class StatusTests
{
    [Fact]
    public void StatusesAreFrozen()
    {
        (Status Status, int Value)[] frozen =
        [
            (Status.Ok, 0),
            (Status.InvalidArgument, -1),
            (Status.NullPointer, -2),
            (Status.InvalidHandle, -3),
            (Status.Length, -4),
            (Status.StructSize, -5),
            (Status.Unsupported, -6),
            (Status.BufferTooSmall, -7),
            (Status.Overlap, -8),
            (Status.State, -9),
            (Status.Malformed, -20),
            (Status.Integrity, -21),
            (Status.NotEnoughShards, -22),
            (Status.NotFound, -23),
            (Status.Incomplete, -24),
            (Status.Unauthorized, -40),
            (Status.Unreachable, -41),
            (Status.Timeout, -42),
            (Status.ProtocolViolation, -43),
            (Status.OutOfMemory, -60),
            (Status.LimitExceeded, -61),
            (Status.StoreFull, -62),
            (Status.InputOutput, -63),
            (Status.Canceled, -80),
            (Status.Internal, -81),
        ];
        Assert.All(frozen, pair => Assert.Equal(pair.Value, (int)pair.Status));
        Assert.Equal(Enum.GetValues<Status>().Order(), frozen.Select(pair => pair.Status).Order());
    }

    [Fact]
    public void TheHeaderHasEveryStatusUnderItsNameAndNoOther()
    {
        Dictionary<string, int> macros = Header.Integers.Where(macro => macro.Key == "MT_OK" || macro.Key.StartsWith("MT_ERROR_", StringComparison.Ordinal))
            .ToDictionary();
        Dictionary<string, int> statuses = Enum.GetValues<Status>().ToDictionary(Name, status => (int)status);
        Assert.Equal(statuses.OrderBy(pair => pair.Value), macros.OrderBy(pair => pair.Value));
    }

    [Fact]
    public void NoNameIsGivenTwice()
    {
        string[] names = [.. Enum.GetValues<Status>().Select(Name)];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Equal("MT_ERROR_UNKNOWN", Name((Status)(-19)));
    }

    [Fact]
    public void EveryErrorKindHasItsOwnStatus()
    {
        Status[] statuses = [.. Enum.GetValues<ErrorKind>().Select(StatusText.From)];
        Assert.Equal(statuses.Length, statuses.Distinct().Count());
        Assert.All(statuses, status => Assert.True(Enum.IsDefined(status) && status != Status.Ok));
        Assert.Equal(Status.Internal, StatusText.From((ErrorKind)999));
    }

    private static string Name(Status status) => Encoding.ASCII.GetString(StatusText.Name(status));
}
