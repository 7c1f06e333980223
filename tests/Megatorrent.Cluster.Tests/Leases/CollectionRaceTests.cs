namespace Megatorrent.Cluster.Tests.Leases;

/// <summary>Puts that deduplicate, forgets, collections and power cuts in every order that a seed makes.</summary>
public sealed class CollectionRaceTests
{
    private const int Seeds = 150;

    [Fact]
    public void What_is_acknowledged_is_never_collected_and_what_is_forgotten_is()
    {
        (int acknowledged, int reused, int collected, int crashes) = (0, 0, 0, 0);
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var world = new LeaseWorld(seed);
            try
            {
                world.Schedule.Run(() => world.RunAsync(actors: 4, steps: 25));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, after {world.Schedule.Steps} steps: {exception.Message}", exception);
            }
            acknowledged += world.Acknowledged;
            reused += world.Reused;
            collected += world.Collected;
            crashes += world.Crashes;
        }
        Assert.True(
            acknowledged > Seeds && reused > Seeds && collected > Seeds && crashes > Seeds,
            $"too little happened: {acknowledged} puts acknowledged, {reused} blobs reused, {collected} stripes collected, {crashes} crashes");
    }
}
