using System.Diagnostics;

namespace Megatorrent.Stories;

/// <summary>What a story gets from the program that tells it.</summary>
/// <param name="Binary">The published binary.</param>
/// <param name="Folder">Scratch space of this story alone.</param>
/// <param name="Seed">The seed of everything random in it.</param>
/// <param name="Scale">1 for the full story; below, the same with less data and shorter waits.</param>
/// <param name="Minutes">How long the stories last that have no end of their own.</param>
internal sealed record StoryContext(string Binary, string Folder, int Seed, double Scale, int Minutes)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>A number of this story at the scale, at least <paramref name="least"/>.</summary>
    public int Scaled(int full, int least) => Math.Max(least, (int)(full * Scale));

    /// <summary>Prints a line of progress with the time since the story began.</summary>
    public void Say(string line) => Console.Error.WriteLine($"   {_clock.Elapsed.TotalSeconds,6:0.0} s  {line}");
}
