using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Megatorrent.Microbench;

/// <summary>Gigabytes a second, for benchmarks that say how many bytes one call works on (<see cref="BytesAttribute"/>).</summary>
internal sealed class RateColumn : IColumn
{
    public string Id => nameof(RateColumn);

    public string ColumnName => "GB/s";

    public string Legend => "Gigabytes of input a second";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Metric;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        long? bytes = benchmarkCase.Descriptor.WorkloadMethod.GetCustomAttribute<BytesAttribute>()?.Count;
        double? nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Median;
        return bytes is null || nanoseconds is null ? "" : (bytes.Value / nanoseconds.Value).ToString("0.00", CultureInfo.InvariantCulture);
    }
}
