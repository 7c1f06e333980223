using System.Buffers.Binary;
using Megatorrent.Core;

namespace Megatorrent.Simulation.Engine;

/// <summary>One stream of chance of a simulation (SplitMix64). Each part has its own, so that a change in one leaves the others alone.</summary>
internal sealed class SimRandom(ulong seed) : IRandomSource
{
    private ulong _state = seed;

    /// <summary>A stream of its own for a named part of a run.</summary>
    public static SimRandom Of(ulong seed, string part)
    {
        ulong state = seed * 0x9E3779B97F4A7C15;
        foreach (char c in part)
            state = (state ^ c) * 0x100000001B3;
        return new SimRandom(state);
    }

    public ulong NextWord()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [0, <paramref name="exclusiveMax"/>).</summary>
    public int Below(int exclusiveMax) => (int)(NextWord() % (uint)exclusiveMax);

    /// <summary>A number in [<paramref name="from"/>, <paramref name="to"/>].</summary>
    public int Between(int from, int to) => from + Below(to - from + 1);

    public double Fraction() => (NextWord() >> 11) * (1.0 / (1ul << 53));

    public bool Chance(double probability) => Fraction() < probability;

    public T Pick<T>(IReadOnlyList<T> list) => list[Below(list.Count)];

    public void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[8];
        while (destination.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, NextWord());
            int count = Math.Min(8, destination.Length);
            word[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }
}
