namespace Megatorrent.Simulation.Networks;

/// <summary>The way from one machine to another, which may differ from the way back.</summary>
internal sealed class SimLink
{
    /// <summary>Partitions that lie on the way now.</summary>
    public int Blocks { get; set; }

    /// <summary>Extra one-way delay.</summary>
    public TimeSpan Slow { get; set; }

    /// <summary>Chance that a packet is lost and sent again later.</summary>
    public double Loss { get; set; }

    public bool IsDisturbed => Blocks > 0 || Slow > TimeSpan.Zero || Loss > 0;

    public void Heal()
    {
        Blocks = 0;
        Slow = TimeSpan.Zero;
        Loss = 0;
    }
}
