namespace Megatorrent.Cluster.Tests.Leases;

/// <summary>Puts that deduplicate, forgets, collections and power cuts in every order that a seed makes.</summary>
public sealed class CollectionRaceTests
{
    private const int Seeds = 120;

    [Fact]
    public void What_is_acknowledged_is_never_collected_and_what_is_forgotten_is()
    {
        (int acknowledged, int reused, int collected, int crashes, int removed, int dismissed) = (0, 0, 0, 0, 0, 0);
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var world = new LeaseWorld(seed);
            try
            {
                world.Schedule.Run(() => world.RunAsync(actors: 4, steps: 35));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, after {world.Schedule.Steps} steps: {exception.Message}", exception);
            }
            acknowledged += world.Acknowledged;
            reused += world.Reused;
            collected += world.Collected;
            crashes += world.Crashes;
            removed += world.Removed;
            dismissed += world.Dismissed;
        }
        Assert.True(
            acknowledged > Seeds && reused > Seeds && collected > Seeds && crashes > Seeds && removed > 10 && dismissed > 0,
            $"too little happened: {acknowledged} puts acknowledged, {reused} blobs reused, {collected} stripes collected, {crashes} crashes, "
            + $"{removed} blobs removed as surplus, {dismissed} stripes dismissed");
    }
}
