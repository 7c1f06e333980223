namespace Megatorrent.Cluster.Durability;

/// <summary>
/// Functions near zero without cancellation. .NET's own <see cref="double.LogP1"/> and <see cref="double.ExpM1"/> add and subtract 1,
/// and lose what is below 10^-16. The corrections are Kahan's (Higham, "Accuracy and stability of numerical algorithms", 1.14).
/// </summary>
internal static class Precise
{
    /// <summary>ln(1 + x).</summary>
    public static double LogP1(double x)
    {
        double sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
    }

    /// <summary>e^x − 1.</summary>
    public static double ExpM1(double x)
    {
        double power = Math.Exp(x);
        if (power == 1)
            return x;
        double less = power - 1;
        return less == -1 ? -1 : less * (x / Math.Log(power));
    }
}
