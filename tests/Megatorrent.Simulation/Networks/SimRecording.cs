namespace Megatorrent.Simulation.Networks;

/// <summary>What the connecting side of a connection sent first, for an attacker who plays it again.</summary>
internal sealed class SimRecording(string endpoint)
{
    private const int BytesMax = 64 * 1024;

    private readonly List<byte[]> _pieces = [];
    private int _bytes;

    public string Endpoint { get; } = endpoint;

    public IReadOnlyList<byte[]> Pieces => _pieces;

    public void Add(byte[] piece)
    {
        if (_bytes >= BytesMax)
            return;
        _bytes += piece.Length;
        _pieces.Add(piece);
    }
}
