namespace Megatorrent.Bench.Forecasting;

/// <summary>Makes hourly load: a daily and a weekly cycle, growth, noise, bursts of some hours, and one step somewhere.</summary>
internal static class LoadTrace
{
    /// <summary>Values of about 1 on the average at the beginning.</summary>
    public static double[] Make(Chance chance, int hours)
    {
        double daily = chance.Between(0.3, 0.8), weekend = chance.Between(0.4, 1), phase = chance.Between(0, 24);
        double growth = chance.Between(-0.001, 0.006) / 24;
        int step = (int)chance.Between(0.2 * hours, 0.9 * hours);
        double height = chance.Between(0.7, 1.8), burst = 1;
        var load = new double[hours];
        for (int h = 0; h < hours; h++)
        {
            burst = chance.Happens(0.004) ? chance.Between(1.5, 4) : 1 + 0.8 * (burst - 1); // ebbs away within hours
            double cycle = 1 + daily * Math.Sin(2 * Math.PI * (h + phase) / 24);
            double week = h / 24 % 7 >= 5 ? weekend : 1;
            double level = (1 + growth * h) * (h >= step ? height : 1);
            load[h] = Math.Max(0, cycle * week * level * burst * (1 + 0.08 * chance.Normal()));
        }
        return load;
    }
}
