namespace Megatorrent.Build;

/// <summary>How many checks passed, failed and were skipped.</summary>
internal readonly record struct Tally(int Passed, int Failed, int Skipped)
{
    /// <summary>One failed check.</summary>
    public static Tally OneFailed => new(0, 1, 0);

    /// <summary>The sum of both.</summary>
    public static Tally operator +(Tally left, Tally right) =>
        new(left.Passed + right.Passed, left.Failed + right.Failed, left.Skipped + right.Skipped);

    /// <summary>The form that CI reads.</summary>
    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}
