using Megatorrent.Core;

namespace Megatorrent.Cli.Tests;

public class ExitCodesTests
{
    // Scripts depend on these numbers.
    [Theory]
    [InlineData(ErrorKind.Internal, 1)]
    [InlineData(ErrorKind.InvalidArgument, 2)]
    [InlineData(ErrorKind.Malformed, 4)]
    [InlineData(ErrorKind.NotEnoughBlobs, 3)]
    [InlineData(ErrorKind.Integrity, 4)]
    [InlineData(ErrorKind.Unauthorized, 4)]
    [InlineData(ErrorKind.Unreachable, 5)]
    [InlineData(ErrorKind.StoreFull, 6)]
    [InlineData(ErrorKind.NotFound, 1)]
    [InlineData(ErrorKind.InputOutput, 1)]
    [InlineData(ErrorKind.Timeout, 1)]
    [InlineData(ErrorKind.Unsupported, 1)]
    [InlineData(ErrorKind.Canceled, 130)]
    [InlineData(ErrorKind.LimitExceeded, 1)]
    [InlineData(ErrorKind.ProtocolViolation, 4)]
    public void EveryKindHasItsCode(ErrorKind kind, int exitCode) => Assert.Equal(exitCode, ExitCodes.Of(kind));

    [Fact]
    public void NoKindIsForgottenAbove() => Assert.Equal(15, Enum.GetValues<ErrorKind>().Length);
}
