namespace Megatorrent.Core.Tests.Wire;

/// <summary>Gives exactly these bytes, once: how a test fixes an ephemeral key.</summary>
internal sealed class FixedRandomSource(byte[] bytes) : IRandomSource
{
    private bool _used;

    public void Fill(Span<byte> destination)
    {
        Assert.False(_used, "Random bytes were asked for twice.");
        Assert.Equal(bytes.Length, destination.Length);
        bytes.CopyTo(destination);
        _used = true;
    }
}
